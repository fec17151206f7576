import { withApiDefaults } from "../cli/api-defaults.ts";
import { type Arguments, onlyOperand } from "../cli/arguments.ts";
import { readDocuments } from "../cli/documents.ts";
import { print, type Terminal } from "../cli/terminal.ts";
import { ApiClient } from "../cluster/api-client.ts";
import { userCredentials } from "../cluster/credentials.ts";
import { networkObjects } from "../cluster/network-objects.ts";
import { FirebreakError } from "../model/errors.ts";
import { addressesOf } from "../reachability/addresses.ts";
import type { Endpoint } from "../reachability/endpoint.ts";
import { addressEndpoint } from "../reachability/endpoint.ts";
import { explain } from "../reachability/explain.ts";
import { type Inventory, inventoryOf } from "../reachability/inventory.ts";
import { isProtocol, onePort, type PortSet } from "../reachability/port-set.ts";
import { type ConcreteNetwork, concreteNetwork, connectionsOnlyIn, lineOf, reach } from "../reachability/reach.ts";
import { paint } from "../reports/paint.ts";
import { effectText, explanationText, type ReachFormat, reachText } from "../reports/reach-text.ts";
import type { Environment } from "./environment.ts";

/** `firebreak reach`: the connection list of a folder or of a cluster. */
export async function runReach(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const inventory = await gather(args, args.operands, terminal);
  const lines = [...reach(concreteNetwork(inventory), inventory.entries)].map(lineOf);
  const format = args.text("output") ?? "text";
  return print(terminal, format === "json" ? JSON.stringify(lines, null, 2) : reachText(lines, format as ReachFormat));
}

/** `firebreak effect`: 0 nothing is opened, 1 something is. */
export async function runEffect(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const [before, after, ...more] = args.operands;
  if (before === undefined || after === undefined || more.length > 0)
    throw new FirebreakError("FBR_USAGE", "effect needs two folders, before and after; see --help");
  const [was, is] = await Promise.all(
    [before, after].map(async (folder) => {
      const inventory = await gather(args, [folder], terminal);
      return [...reach(concreteNetwork(inventory), inventory.entries)];
    }),
  );
  const opened = connectionsOnlyIn(is ?? [], was ?? []).map(lineOf);
  const closed = connectionsOnlyIn(was ?? [], is ?? []).map(lineOf);
  print(terminal, args.text("output") === "json" ? JSON.stringify({ opened, closed }, null, 2) : effectText(opened, closed, paint(terminal.colour)));
  return opened.length > 0 ? 1 : 0;
}

/** `firebreak explain --from --to`: 0 it reaches, or may; 1 it does not. */
export async function runExplainFlow(args: Arguments, terminal: Terminal): Promise<number> {
  const [from, to, port] = [args.text("from"), args.text("to"), args.text("port")];
  if (from === undefined || to === undefined || port === undefined)
    throw new FirebreakError("FBR_USAGE", "explain needs --from and --to (namespace/name or an address) and --port (tcp/80); see firebreak explain --help");
  const concrete = concreteNetwork(await gather(args, args.operands, terminal));
  const explanation = explain(concrete.network, endpointNamed(concrete, from, "from"), endpointNamed(concrete, to, "to"), portNamed(port));
  const asked = { from, to, port };
  print(
    terminal,
    args.text("output") === "json" ? JSON.stringify({ ...asked, ...explanation }, null, 2) : explanationText(asked, explanation, paint(terminal.colour)),
  );
  return explanation.verdict === "denied" ? 1 : 0;
}

async function gather(args: Arguments, operands: readonly string[], terminal: Terminal): Promise<Inventory> {
  const inventory = args.flag("cluster") ? await fromCluster(args, terminal) : await fromFiles(args, operands, terminal);
  for (const { kind, namespace, name } of inventory.unmodelled)
    terminal.warn(`firebreak: ${[kind, [namespace, name].filter(Boolean).join("/")].join(" ")} is not understood: what it opens or closes is not shown\n`);
  return inventory;
}

async function fromFiles(args: Arguments, operands: readonly string[], terminal: Terminal): Promise<Inventory> {
  const path = onlyOperand({ ...args, operands }, "it needs one folder or file, or --cluster");
  const documents = await readDocuments([path], terminal.readStdin);
  if (documents.length === 0) throw new FirebreakError("FBR_INPUT_INVALID", `${path}: no Kubernetes object in it`);
  return inventoryOf(documents.map(({ object }) => withApiDefaults(object)));
}

async function fromCluster({ operands }: Arguments, terminal: Terminal): Promise<Inventory> {
  if (operands.length > 0) throw new FirebreakError("FBR_USAGE", "--cluster reads the cluster of KUBECONFIG: leave the files out");
  const api = new ApiClient(userCredentials(), () => {});
  try {
    const { objects, unread } = await networkObjects(api);
    for (const line of unread) terminal.warn(`firebreak: ${line}\n`);
    return inventoryOf(objects);
  } finally {
    api.close();
  }
}

function endpointNamed({ network, workloads }: ConcreteNetwork, name: string, option: string): Endpoint {
  const addresses = addressesOf([name.includes("/") ? name : `${name}/${name.includes(":") ? 128 : 32}`]);
  if (addresses !== undefined) return addressEndpoint(addresses);
  const [namespace, own] = name.split("/");
  for (const [id, workload] of workloads)
    if (workload.namespace === namespace && (workload.name === own || workload.members.includes(own ?? ""))) return network.endpoint(id) as Endpoint;
  const known = [...workloads.values()].slice(0, 10).map((workload) => `${workload.namespace}/${workload.name}`);
  const there = known.length === 0 ? "there is no workload at all" : `there are ${known.join(", ")}${workloads.size > known.length ? ", ..." : ""}`;
  throw new FirebreakError("FBR_USAGE", `--${option} ${name}: no such workload, and no address; ${there}`);
}

function portNamed(text: string): PortSet {
  const [protocol = "", number = ""] = text.split("/");
  const upper = protocol.toUpperCase();
  const port = Number(number);
  if (!isProtocol(upper) || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new FirebreakError("FBR_USAGE", `--port is ${text}; it is a protocol and a number, like tcp/80, udp/53 or sctp/9`);
  return onePort(upper, port);
}
