import type { Match } from "./match.ts";
import type { Rule, Tier } from "./policy.ts";

/** Sets of traffic: all the algebra that rules in order need. */
export interface Algebra<S> {
  readonly none: S;
  readonly all: S;
  unite(one: S, two: S): S;
  intersect(one: S, two: S): S;
  subtract(one: S, two: S): S;
  isNone(set: S): boolean;
}

/** What a rule matches, of the traffic in question: surely, and perhaps. */
export interface Matched<S> {
  readonly sure: S;
  readonly perhaps: S;
}

/** Rules in the order in which one policy holds them, as far as deciding needs them. */
export interface RuleSet {
  readonly tier: Tier;
  readonly priority: number;
  readonly rules: readonly Rule[];
}

/** A policy that selects an endpoint, or may. */
export interface Selected<P> {
  readonly policy: P;
  readonly match: Exclude<Match, "no">;
}

/**
 * `perhaps`: everything that could be allowed, whatever is not known turns out to be. `sure`: only what is allowed in any case.
 * A promise that something is *not* reachable is judged by the first, one that something is by the second.
 */
export type Bound = "sure" | "perhaps";

/** What happened on the way, for explanations: a rule took some traffic, or the end of a tier did. */
export type Step<S, P> =
  | { readonly type: "rule"; readonly policy: P; readonly rule: Rule; readonly taken: S }
  | { readonly type: "end"; readonly tier: Tier; readonly policies: readonly P[]; readonly taken: S }
  | { readonly type: "default"; readonly taken: S };

/** Policies in the order in which they are asked: a tier, and in it those of one priority. */
export interface Stage<P> {
  readonly tier: Tier;
  readonly groups: readonly (readonly Selected<P>[])[];
}

interface Question<S, P extends RuleSet> {
  readonly stages: readonly Stage<P>[];
  readonly matched: (policy: P, rule: Rule) => Matched<S>;
  readonly observe?: (step: Step<S, P>) => void;
}

interface State<S> {
  undecided: S;
  allowed: S;
  passed: S;
}

/**
 * The traffic that one direction of one endpoint allows: tier by tier, policy by policy, rule by rule, the first that
 * matches decides. NetworkPolicy is the tier whose policies only allow and whose end denies.
 *
 * Sources: KEP-2091 and ClusterNetworkPolicy v1alpha2 (tiers, priority, Pass), networking/v1 types.go (isolation).
 */
export function decide<S, P extends RuleSet>(algebra: Algebra<S>, question: Question<S, P>, bound: Bound): S {
  const state: State<S> = { undecided: algebra.all, allowed: algebra.none, passed: algebra.none };
  for (const stage of question.stages) {
    state.passed = algebra.none;
    for (const group of stage.groups) decideGroup(algebra, question, bound, group, state);
    endTier(algebra, question, bound, stage, state);
  }
  if (!algebra.isNone(state.undecided)) question.observe?.({ type: "default", taken: state.undecided });
  return algebra.unite(state.allowed, state.undecided);
}

/** What no rule of the tier decided meets its end; what was passed goes on with the rest. */
function endTier<S, P extends RuleSet>(algebra: Algebra<S>, { observe }: Question<S, P>, bound: Bound, { tier, groups }: Stage<P>, state: State<S>): void {
  if (tier.end === "deny" && (bound === "sure" || groups.some((group) => group.some(({ match }) => match === "yes")))) {
    if (observe !== undefined && !algebra.isNone(state.undecided))
      observe({ type: "end", tier, policies: groups.flat().map(({ policy }) => policy), taken: state.undecided });
    state.undecided = algebra.none;
  }
  state.undecided = algebra.unite(state.undecided, state.passed);
}

/**
 * Policies of one priority. Which of them goes first is not defined (kubernetes-sigs/network-policy-api, number 216): with `perhaps` whatever any
 * order would allow is, with `sure` only what every order does.
 */
function decideGroup<S, P extends RuleSet>(algebra: Algebra<S>, question: Question<S, P>, bound: Bound, group: readonly Selected<P>[], state: State<S>): void {
  if (group.length === 1 || saysOneThing(group)) {
    for (const selected of group) decidePolicy(algebra, question, bound, selected, state);
    return;
  }
  const each = group.map((selected) => {
    const own: State<S> = { undecided: state.undecided, allowed: algebra.none, passed: algebra.none };
    decidePolicy(algebra, question, bound, selected, own);
    return own;
  });
  const unite = (sets: readonly S[]) => sets.reduce((all, set) => algebra.unite(all, set), algebra.none);
  each.forEach((own, index) => {
    const others = (wanted: readonly Rule["action"][]) => unite(group.flatMap((other, at) => (at === index ? [] : [reach(algebra, question, other, wanted)])));
    const [allowed, passed] =
      bound === "perhaps"
        ? [own.allowed, own.passed]
        : [algebra.subtract(own.allowed, others(["deny", "pass"])), algebra.subtract(own.passed, others(["deny", "allow"]))];
    state.allowed = algebra.unite(state.allowed, allowed);
    state.passed = algebra.unite(state.passed, passed);
  });
  state.undecided = each.reduce((rest, own) => algebra.intersect(rest, own.undecided), state.undecided);
}

/** Everything that rules of a policy with one of these actions could match. */
function reach<S, P extends RuleSet>(algebra: Algebra<S>, { matched }: Question<S, P>, { policy }: Selected<P>, actions: readonly Rule["action"][]): S {
  return policy.rules.filter(({ action }) => actions.includes(action)).reduce((set, rule) => algebra.unite(set, matched(policy, rule).perhaps), algebra.none);
}

function decidePolicy<S, P extends RuleSet>(algebra: Algebra<S>, question: Question<S, P>, bound: Bound, selected: Selected<P>, state: State<S>): void {
  for (const rule of selected.policy.rules) {
    if (algebra.isNone(state.undecided)) return;
    decideRule(algebra, question, bound, selected, rule, state);
  }
}

function decideRule<S, P extends RuleSet>(
  algebra: Algebra<S>,
  { matched, observe }: Question<S, P>,
  bound: Bound,
  { policy, match }: Selected<P>,
  rule: Rule,
  state: State<S>,
): void {
  const { sure, perhaps } = matched(policy, rule);
  const surely = match === "yes" ? sure : algebra.none;
  const [taken, removed] = bound === "perhaps" ? [perhaps, surely] : [surely, perhaps];
  // A denial that may not hold takes nothing away from what could be, and everything from what is sure.
  const gained = algebra.intersect(state.undecided, rule.action === "deny" ? removed : taken);
  if (observe !== undefined && !algebra.isNone(gained)) observe({ type: "rule", policy, rule, taken: gained });
  if (rule.action === "allow") state.allowed = algebra.unite(state.allowed, gained);
  if (rule.action === "pass") state.passed = algebra.unite(state.passed, gained);
  state.undecided = algebra.subtract(state.undecided, removed);
}

/** Of rules that all do the same it makes no difference which goes first. */
function saysOneThing(group: readonly Selected<RuleSet>[]): boolean {
  const action = group.find(({ policy }) => policy.rules.length > 0)?.policy.rules[0]?.action;
  return group.every(({ policy }) => policy.rules.every((rule) => rule.action === action));
}

export function stagesOf<P extends RuleSet>(selected: readonly Selected<P>[]): Stage<P>[] {
  const byTier = [...Map.groupBy(selected, ({ policy }) => policy.tier.order)].sort(([a], [b]) => a - b);
  return byTier.map(([, same]) => {
    const byPriority = [...Map.groupBy(same, ({ policy }) => policy.priority)].sort(([a], [b]) => a - b);
    return { tier: (same[0] as Selected<P>).policy.tier, groups: byPriority.map(([, group]) => group) };
  });
}
