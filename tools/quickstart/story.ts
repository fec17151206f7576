import type { Cluster, KubectlResult } from "../cluster/control-plane.ts";
import type { FirebreakProcess } from "../cluster/firebreak-process.ts";
import type { Identity } from "../cluster/identities.ts";
import { eventually } from "../cluster/process.ts";
import { deployment, namespace, pods, policies } from "./manifests.ts";
import { paint, say, showAnswer } from "./screen.ts";

/** One thing that the story said would happen, and whether it did. */
export interface Expectation {
  readonly what: string;
  readonly met: boolean;
}

interface Stored {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly labels?: Readonly<Record<string, string>> };
  }[];
}

/** Tells the story with kubectl and shows each answer; collects what was expected. */
export class Story {
  readonly #cluster: Cluster;
  readonly #firebreak: FirebreakProcess;
  readonly expectations: Expectation[] = [];

  constructor(cluster: Cluster, firebreak: FirebreakProcess) {
    this.#cluster = cluster;
    this.#firebreak = firebreak;
  }

  async tell(): Promise<void> {
    say(paint("bold", "\nThe platform team creates a namespace for each of two tenants"));
    this.#expect(
      "a tenant's namespace is enforced, and its creator is told",
      await this.#kubectl("platform", ["apply", "-f", "-"], namespace("acme-shop", "acme")),
      /is isolated/,
    );
    this.#expect("so is the other tenant's", await this.#kubectl("platform", ["apply", "-f", "-"], namespace("globex-shop", "globex")), /is isolated/);
    await this.#deploys();
    await this.#refusals();
    await this.#observed();
  }

  async #deploys(): Promise<void> {
    say(paint("bold", "\nAlice, a developer of acme, deploys an application as she always did"));
    this.#expect("her Deployment is accepted", await this.#asAlice(["apply", "-f", "-"], deployment), /deployment.apps\/web/);
    const list = await eventually("the pods of web", async () => {
      const found = await this.#cluster.get<Stored>(["pods", "-n", "acme-shop", "-l", "app=web"]);
      return found && found.items.length >= 2 ? found : undefined;
    });
    await this.#kubectl("alice", ["get", "pods", "-n", "acme-shop", "-L", "firebreak.dev/tenant,firebreak.dev/app"]);
    await this.#kubectl("alice", ["get", "networkpolicies", "-n", "acme-shop"]);
    const stamped = list.items.every(({ metadata }) => metadata.labels?.["firebreak.dev/tenant"] === "acme" && metadata.labels["firebreak.dev/app"] === "web");
    this.expectations.push({ what: "every pod carries the labels of its tenant and its application", met: stamped });
    const deny = await this.#cluster.get<Stored["items"][number]>(["networkpolicy", "firebreak-default-deny", "-n", "acme-shop"]);
    const first = Math.min(...list.items.map(({ metadata }) => Number(metadata.resourceVersion)));
    this.expectations.push({
      what: "the default deny was stored before the first pod",
      met: deny !== undefined && Number(deny.metadata.resourceVersion) < first,
    });
    say(paint("bold", "\nShe opens what she needs, with a policy of her own"));
    this.#expect("a narrow NetworkPolicy is accepted without a word", await this.#asAlice(["apply", "-f", "-"], policies.good), /created/, /Warning/);
  }

  async #refusals(): Promise<void> {
    say(paint("bold", "\nWhat would open the tenant's network is refused, with the reason and the way out"));
    const apply = ["apply", "-f", "-"];
    await this.#refused("the world in one CIDR", "SEG-EG-001", "spec.egress[0].to[0].ipBlock.cidr", apply, policies.world);
    await this.#refused("the world in two halves", "SEG-EG-001", "spec.egress[0].to[0].ipBlock.cidr", apply, policies.halves);
    await this.#refused("ingress: [{}]", "SEG-SL-001", "spec.ingress[0]", apply, policies.everybody);
    await this.#refused("a pod that claims another tenant", "SEG-ID-003", 'metadata.labels["firebreak.dev/tenant"]', apply, pods.impostor);
    await this.#refused("NET_ADMIN", "SEG-OP-003", "spec.containers[0].securityContext.capabilities.add", apply, pods.sniffer);
    await this.#refused("removal of the default deny", "SEG-DD-005", "metadata.name", ["delete", "networkpolicy", "firebreak-default-deny"]);
    await this.#refused("relabelling the namespace", "SEG-ID-004", 'metadata.labels["firebreak.dev/tenant"]', [
      "label",
      "namespace",
      "acme-shop",
      "firebreak.dev/tenant=globex",
      "--overwrite",
    ]);
  }

  async #observed(): Promise<void> {
    say(paint("bold", "\nA namespace that was there before Firebreak keeps working; it is told what would be refused"));
    const answer = await this.#kubectl("alice", ["apply", "-n", "old-shop", "-f", "-"], pods.legacy);
    this.#expect("the old namespace is observed: the pod is created, with a warning", answer, /created/);
    this.expectations.push({
      what: "and nothing was written to it",
      met:
        !(await this.#cluster.kubectl("admin", ["get", "networkpolicies", "-n", "old-shop"])).stdout.includes("firebreak") &&
        answer.stderr.includes("SEG-OP-003") &&
        answer.code === 0,
    });
  }

  /** The decision log's lines for what was refused to Alice. */
  async refusals(): Promise<string[]> {
    const lines = await this.#firebreak.lines();
    return lines.flatMap((line) => {
      const { decision, actor, results, decisionId } = line as {
        decision?: { outcome: string; code: number };
        actor?: { username: string };
        results?: { ruleId: string; effect: string; path: string }[];
        decisionId?: string;
      };
      if (decision?.outcome !== "refused" || actor?.username !== "alice") return [];
      return [
        JSON.stringify({
          decisionId,
          code: decision.code,
          actor: actor.username,
          results: results?.filter(({ effect }) => effect === "deny").map(({ ruleId, path }) => ({ ruleId, path })),
        }),
      ];
    });
  }

  async #refused(what: string, rule: string, field: string, args: readonly string[], input?: string): Promise<void> {
    const { code, stderr } = await this.#asAlice(args, input);
    const told = [`[${rule}] ${field}`, "supports ", "decision "].every((part) => stderr.includes(part));
    this.expectations.push({
      what: `${what} is refused by ${rule}, with field, fix and controls`,
      met: code !== 0 && stderr.includes("denied the request") && told,
    });
  }

  #expect(what: string, { code, stdout, stderr }: KubectlResult, expected: RegExp, unexpected?: RegExp): void {
    const text = stdout + stderr;
    this.expectations.push({ what, met: code === 0 && expected.test(text) && !(unexpected?.test(text) ?? false) });
  }

  #asAlice(args: readonly string[], input?: string): Promise<KubectlResult> {
    return this.#kubectl("alice", [...args, "-n", "acme-shop"], input);
  }

  async #kubectl(identity: Identity, args: readonly string[], input?: string): Promise<KubectlResult> {
    const name = /name: ?([a-z0-9-]+)/.exec(input ?? "")?.[1];
    say(`\n  ${paint("cyan", `$ kubectl ${args.join(" ").replace("-f -", `-f ${name}.yaml`)}`)} ${paint("dim", `# as ${identity}`)}`);
    const answer = await this.#cluster.kubectl(identity, args, input);
    showAnswer(answer);
    return answer;
  }
}
