import type { Direction } from "../model/facts.ts";
import type { ExplainedDirection, ExplainedStep, Explanation } from "../model/reachability.ts";
import { portAlgebra } from "./algebras.ts";
import { type Bound, decide, type Step, stagesOf } from "./decide.ts";
import type { Endpoint } from "./endpoint.ts";
import { type DirectedPolicy, directed, namespaceOf } from "./pair.ts";
import { referenceWords } from "./policy.ts";
import type { PortSet } from "./port-set.ts";
import { pairMatcher } from "./shape.ts";
import type { View } from "./view.ts";

/** Why one endpoint reaches another on a port, or does not: every policy that selects an end, in the order in which they are asked. */
export function explain(view: View, from: Endpoint, to: Endpoint, port: PortSet): Explanation {
  const egress = explainDirection(view, "egress", from, to, port);
  const ingress = explainDirection(view, "ingress", to, from, port);
  const verdicts = [egress.verdict, ingress.verdict];
  const verdict = verdicts.includes("denied") ? "denied" : verdicts.includes("possible") ? "possible" : "allowed";
  return { verdict, egress, ingress };
}

function explainDirection(view: View, direction: Direction, subject: Endpoint, peer: Endpoint, port: PortSet): ExplainedDirection {
  if (subject.kind !== "pod") {
    const words = subject.kind === "host" ? "policies do not apply to what runs on a node's own network" : "an address outside of the cluster has no policies";
    return { direction, verdict: "allowed", steps: [{ tier: "", verdict: "allows", words, decides: true }] };
  }
  const stages = stagesOf(directed(view.selecting(subject, direction), direction));
  const matched = pairMatcher(direction, { subject, peer, plan: view.universe.plan, namespaceOf });
  const taken: Step<PortSet, DirectedPolicy>[] = [];
  const open = (bound: Bound, observe?: (step: Step<PortSet, DirectedPolicy>) => void) =>
    decide({ ...portAlgebra, all: port }, { stages, matched, ...(observe === undefined ? {} : { observe }) }, bound).length > 0;
  const perhaps = open("perhaps", (step) => taken.push(step));
  const sure = open("sure");
  const steps = stages.flatMap(({ tier, groups }) => [
    ...groups.flat().map(({ policy }) => stepOf(policy, taken)),
    ...taken.flatMap((step) => (step.type === "end" && step.tier === tier ? [endOfTier(tier.name, direction)] : [])),
  ]);
  if (taken.some(({ type }) => type === "default")) steps.push(byDefault(direction, steps.length === 0));
  // A node reaches the pods that it runs, whatever policies say.
  const node = direction === "ingress" && peer.kind === "host" && !sure;
  if (node) steps.push({ tier: "", verdict: "allows", words: "a node always reaches the pods that it runs, and any may run on it", decides: false });
  const verdict = sure ? "allowed" : perhaps || node ? "possible" : "denied";
  return { direction, verdict, steps };
}

function stepOf({ policy, tier }: DirectedPolicy, taken: readonly Step<PortSet, DirectedPolicy>[]): ExplainedStep {
  const { reference } = policy;
  const rules = taken.filter((step): step is Extract<typeof step, { type: "rule" }> => step.type === "rule" && step.policy.policy === policy);
  const [first] = rules;
  if (first === undefined)
    return { tier: tier.name, policy: reference, verdict: "does not match", words: `${referenceWords(reference)}: no rule matches`, decides: false };
  const { action, path } = first.rule;
  const verdict = action === "allow" ? "allows" : action === "deny" ? "denies" : "passes";
  return { tier: tier.name, policy: reference, path, verdict, words: `${referenceWords(reference)}: ${path} ${verdict}`, decides: action !== "pass" };
}

function endOfTier(tier: string, direction: Direction): ExplainedStep {
  return { tier, verdict: "denies", words: `the pod is isolated for ${direction}, and no policy allows it`, decides: true };
}

function byDefault(direction: Direction, alone: boolean): ExplainedStep {
  return {
    tier: "",
    verdict: "allows",
    words: alone ? `no policy selects the pod for ${direction}: all is allowed` : `no policy decides: all is allowed`,
    decides: true,
  };
}
