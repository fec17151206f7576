import { customVerbs, mayUser } from "../cluster/access.ts";
import { type ApiClient, isStatus } from "../cluster/api-client.ts";
import type { Events } from "../cluster/events.ts";
import { type DeclaredObjects, LiveModel } from "../cluster/live-model.ts";
import { changeStatus } from "../cluster/own-status.ts";
import type { Configuration } from "../config/configuration.ts";
import { reviewBoundary } from "../exemptions/boundary-review.ts";
import { approvedSides } from "../exemptions/contracts.ts";
import { specDigest } from "../exemptions/digest.ts";
import type { Attributes } from "../model/attributes.ts";
import type { Decision } from "../model/decision.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { type Boundaries, contractPhase, type FlowContract } from "../model/security-domain.ts";
import { protectedNamespaceKeys } from "../model/segmentation-labels.ts";
import { addressesOf } from "../reachability/addresses.ts";
import type { AddressPlan } from "../reachability/endpoint.ts";
import { boundariesFrom } from "../reachability/inventory.ts";
import { referenceWords } from "../reachability/policy.ts";
import type { Change } from "../reachability/prospect.ts";
import { unannounced } from "../reachability/reach.ts";
import { Recheck } from "../reachability/recheck.ts";

/** Domains and contracts as decisions read them, with the sides of each contract that were approved. */
export function boundariesOf(objects: DeclaredObjects, { exemptions: { keys } }: Pick<Configuration, "exemptions">): Boundaries {
  return boundariesFrom(objects, (contract) => approvedSides(contract, objects.contractApprovals, objects.domains, keys));
}

interface BoundaryOptions {
  readonly configuration: Configuration;
  readonly api: ApiClient;
  readonly installedAt: Date;
  readonly events: Events;
  readonly isLeader: () => boolean;
  readonly log: (message: string, fields: object) => void;
  readonly alarm: (kind: string, message: string, fields: object) => void;
}

/** Where pods and nodes have their addresses, as the configuration says; private ones where it does not. */
export function addressPlan({ network }: Pick<Configuration, "network">): AddressPlan {
  const of = (cidrs: readonly string[], otherwise: AddressPlan["pods"]) => (cidrs.length === 0 ? otherwise : (addressesOf(cidrs) ?? otherwise));
  return { pods: of(network.podCidrs, unannounced.pods), nodes: of(network.nodeCidrs, unannounced.nodes) };
}

/** What reaches what, and what is declared about it, wired: followed, judged when it is written, and looked at again once it is stored. */
export class BoundaryAssembly {
  readonly #options: BoundaryOptions;
  readonly model: LiveModel;
  readonly #recheck = new Recheck();

  constructor(options: BoundaryOptions) {
    this.#options = options;
    const { configuration, api, installedAt, log } = options;
    this.model = new LiveModel({
      api,
      scheme: configuration.labels,
      installedAt,
      staleMillis: configuration.staleMillis,
      plan: addressPlan(configuration),
      read: (objects) => boundariesOf(objects, configuration),
      onStored: (stored) => this.#lookAgain(stored),
      log,
    });
  }

  /** Whether an own kind is one of these. */
  judges({ kind }: Attributes): boolean {
    return ["SecurityDomain", "FlowContract", "FlowContractApproval"].includes(kind.kind);
  }

  review(attributes: Attributes): Promise<string[]> {
    const { configuration, api } = this.#options;
    return reviewBoundary(attributes, {
      keys: configuration.exemptions.keys,
      now: () => new Date(),
      boundaries: () => this.model.current().boundaries,
      namespaces: () => this.model.current().network.namespaces,
      protectedKeys: protectedNamespaceKeys(configuration.labels),
      mayChangeLabels: (user) => mayUser(api, user, customVerbs.changeLabels, ""),
      contract: (name) =>
        api.get<FlowContract>(`/apis/firebreak.dev/v1alpha1/flowcontracts/${name}`).catch((thrown: unknown) => {
          if (isStatus(thrown, 404)) return undefined;
          throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `the flow contract ${name} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
        }),
    });
  }

  record(decision: Decision): void {
    this.#recheck.remember(decision);
  }

  /** Writes down what became of each contract; only the leader does. */
  async writeStatus(now: Date): Promise<void> {
    if (!this.#options.isLeader()) return;
    const { contracts } = this.model.model.boundaries;
    for (const contract of this.model.contracts) {
      const known = contracts.find(({ name }) => name === contract.metadata?.name);
      if (known === undefined) continue;
      const status = { phase: contractPhase(known, now), specDigest: specDigest(known.spec), approved: known.approved.toSorted() };
      // A contract says each time what it said: only what changed costs a call.
      const said = (contract as { status?: Partial<typeof status> }).status ?? {};
      if (said.phase === status.phase && said.specDigest === status.specDigest && said.approved?.join() === status.approved.join()) continue;
      await changeStatus<typeof status>(this.#options.api, "flowcontracts", known.name, (before) => ({ ...before, ...status })).catch((thrown: unknown) =>
        this.#options.log("the status of a flow contract was not written", { contract: known.name, error: messageOf(thrown) }),
      );
    }
  }

  /** Two changes, each good by itself, may open together what neither did alone: what is stored is judged against what is stored. */
  #lookAgain(stored: Change): void {
    const { isLeader, alarm, events, log } = this.#options;
    if (!isLeader()) return;
    try {
      for (const { crossing, decisions } of this.#recheck.look(this.model.model, stored, new Date())) {
        const what = stored.type === "policy" ? referenceWords(stored.reference) : `Namespace ${stored.name}`;
        alarm("boundary", "what is stored opens a guarded boundary, though each change was admitted", {
          stored: what,
          domain: crossing.domain,
          flow: crossing.words,
          policies: crossing.policies.map(referenceWords),
          decisions,
        });
        const note = `${what} opens ${crossing.words} across ${crossing.domain}, together with ${crossing.policies.map(referenceWords).join(", ")}; decisions ${decisions.join(", ")}`;
        void events.tell("Warning", "BoundaryOpened", { apiVersion: "firebreak.dev/v1alpha1", kind: "SecurityDomain", name: crossing.domain }, note);
      }
    } catch (thrown) {
      log("what was stored was not looked at again", { error: messageOf(thrown) });
    }
  }
}
