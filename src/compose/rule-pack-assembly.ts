import type { OwnKinds } from "../admission/ports.ts";
import type { ApiClient } from "../cluster/api-client.ts";
import { DeclaredFacts } from "../cluster/declared-facts.ts";
import type { Events } from "../cluster/events.ts";
import type { ClusterPermissions } from "../cluster/permissions.ts";
import { RulePacks } from "../cluster/rule-packs/controller.ts";
import { RulePackReviewer } from "../cluster/rule-packs/review.ts";
import type { Configuration } from "../config/configuration.ts";
import { stampWriter } from "../exemptions/review.ts";
import { GuardrailEngine } from "../guardrails/engine.ts";
import type { Pack } from "../guardrails/pack.ts";
import { configuredUse, indexRules } from "../guardrails/pack-use.ts";
import type { Attributes } from "../model/attributes.ts";
import type { Decision } from "../model/decision.ts";
import { messageOf } from "../model/errors.ts";
import type { RecordedBreakGlass } from "../model/exemption.ts";
import { EvidenceCounter } from "../reports/evidence.ts";
import type { Environment } from "./environment.ts";
import { createFoundry } from "./foundry.ts";
import { assemblePermissions } from "./permissions.ts";
import { RevisionFollower, standingOf } from "./rule-packs.ts";

interface AssemblyOptions {
  readonly configuration: Configuration;
  readonly environment: Environment;
  readonly api: ApiClient;
  readonly packs: readonly Pack[];
  readonly isLeader: () => boolean;
  readonly log: (message: string, fields: object) => void;
  readonly alarm: (kind: string, message: string, fields: object) => void;
  readonly events: Events;
  /** Told when packs or exemptions changed: what stands may be judged differently. */
  readonly onChange: () => void;
  /** Reviews the own kinds that declare boundaries. */
  readonly boundaries: { judges(attributes: Attributes): boolean; review(attributes: Attributes): Promise<string[]> };
  /** Told when a broken glass is whole again. */
  readonly onMended: (glass: RecordedBreakGlass) => void;
}

/** Everything about rule packs, wired: what is in force, who proves what is new, and what it would do. */
export class RulePackAssembly {
  readonly #options: AssemblyOptions;
  /** What the packs of the configuration are asked about. */
  readonly #registered: ReadonlySet<string>;
  readonly #follower: RevisionFollower;
  readonly #evidence = new EvidenceCounter();
  readonly rulePacks: RulePacks;
  readonly guardrails: GuardrailEngine;
  readonly permissions: ClusterPermissions;
  readonly #usedExemptions = new Set<string>();
  readonly ownKinds: OwnKinds;

  constructor(options: AssemblyOptions) {
    this.#options = options;
    const { configuration, environment, api, packs, isLeader, log, alarm } = options;
    const { folder } = configuration.rulePacks;
    const { namespace } = configuration;
    const foundry = createFoundry(environment, configuration.rulePacks);
    const configured = packs.map(configuredUse);
    this.#registered = new Set(packs.flatMap((pack) => [...indexRules(pack).keys()]));
    this.guardrails = new GuardrailEngine(configured, {
      ...configuration.evaluation,
      feed: (declared) => new DeclaredFacts(declared, { api, staleMillis: configuration.staleMillis, log, alarm }),
      log,
      onFailure: (evaluated) => this.#evidence.failed(evaluated),
      onQuarantine: (rulePack, quarantined) =>
        quarantined
          ? alarm("quarantine", "a rule pack failed three times within a minute: what it judges is refused", { rulePack })
          : log("a rule pack answers again and is trusted again", { rulePack }),
    });
    this.rulePacks = new RulePacks({ api, namespace, folder, foundry, configured: configured.map(standingOf), isLeader, log });
    this.#follower = new RevisionFollower({ rulePacks: this.rulePacks, engine: this.guardrails, configured, log, alarm, onReplaced: options.onChange });
    const { permissions, review } = assemblePermissions({ ...options, guardrails: this.guardrails });
    this.permissions = permissions;
    const reviewer = new RulePackReviewer({ api, namespace, folder, foundry });
    this.ownKinds = {
      stamp: stampWriter,
      review: async (attributes) => {
        if (attributes.kind.kind === "RulePack") return reviewer.review(attributes);
        if (options.boundaries.judges(attributes)) return options.boundaries.review(attributes);
        return review(attributes);
      },
    };
  }

  /** Resolves when every pack that is in force can be asked. */
  async start(): Promise<void> {
    await Promise.all([this.rulePacks.start(), this.permissions.start()]);
    await this.#follower.follow();
    await this.guardrails.ready();
  }

  /**
   * What rule packs are asked about and the packs of the configuration are not: what those judge is registered with care, resource
   * by resource, and a rule pack that judges the same kind must not have every ConfigMap of a cluster depend on us.
   */
  judgedKeys(): string[] {
    return this.rulePacks.revisions().flatMap(({ judges }) => judges.filter((key) => !this.#registered.has(key)));
  }

  /** Copies that decisions rest on, where their kinds are installed. */
  get caches(): readonly { readonly name: string; ageMillis(): number }[] {
    return [this.rulePacks.reflector, ...this.permissions.reflectors].filter((reflector) => Number.isFinite(reflector.ageMillis()));
  }

  record(decision: Decision): void {
    this.#evidence.record(decision);
    for (const name of decision.results.flatMap(({ exemptions = [] }) => exemptions)) this.#usedExemptions.add(name);
  }

  /** Writes down what was counted, and which exemptions were used, since the last time. */
  async writeEvidence(): Promise<void> {
    const counted = this.#evidence.take().filter(({ rulePack }) => this.rulePacks.reflector.has(rulePack));
    try {
      await this.rulePacks.addEvidence(counted, new Date());
      const used = [...this.#usedExemptions];
      this.#usedExemptions.clear();
      await this.permissions.used(used, new Date());
    } catch (thrown) {
      this.#options.log("what rule packs would do was not written down", { error: messageOf(thrown) });
    }
  }

  async stop(): Promise<void> {
    this.#follower.stop();
    this.rulePacks.stop();
    this.permissions.stop();
    await this.guardrails.close();
  }
}
