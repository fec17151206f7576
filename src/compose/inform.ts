import type { Arguments } from "../cli/arguments.ts";
import { shells } from "../cli/commands.ts";
import { completionScript } from "../cli/completion.ts";
import { readText } from "../cli/documents.ts";
import { findRecord } from "../cli/explain.ts";
import { print, type Terminal } from "../cli/terminal.ts";
import { ApiClient } from "../cluster/api-client.ts";
import { userCredentials } from "../cluster/credentials.ts";
import { examineCluster } from "../cluster/doctor.ts";
import { FirebreakError } from "../model/errors.ts";
import { doctorText } from "../reports/doctor-text.ts";
import { explainText, type ReadRecord } from "../reports/explain-text.ts";
import { paint } from "../reports/paint.ts";
import { clusterSettings } from "./cluster-settings.ts";
import { commandConfiguration } from "./command-configuration.ts";
import type { Environment } from "./environment.ts";
import { loadPacks } from "./packs.ts";
import { runExplainFlow } from "./reach.ts";

/** `firebreak explain`: 0 found, 1 not in the log; of a connection: 0 it reaches, 1 it does not. */
export async function runExplain(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  if (args.text("from") !== undefined || args.text("to") !== undefined) return runExplainFlow(args, terminal);
  const [decisionId, ...more] = args.operands;
  if (decisionId === undefined || more.length > 0) throw new FirebreakError("FBR_USAGE", "explain needs one decision id; see firebreak explain --help");
  const file = args.text("log");
  const record = findRecord(file === undefined ? await terminal.readStdin() : await readText(file), decisionId);
  if (record === undefined) {
    terminal.warn(`firebreak: no record of decision ${decisionId} in ${file ?? "standard input"}; each replica has a log of its own\n`);
    return 1;
  }
  if (args.text("output") === "json") return print(terminal, JSON.stringify(record, null, 2));
  const packs = await loadPacks(await commandConfiguration(undefined), environment.root);
  const rules = packs.flatMap(({ catalogue }) => catalogue.rules);
  const text = explainText(record as unknown as ReadRecord, (ruleId) => rules.find(({ id }) => id === ruleId), paint(terminal.colour));
  return print(terminal, text);
}

export async function runVersion(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  const packs = (await loadPacks(await commandConfiguration(args.text("config")), environment.root)).map(({ catalogue, digest }) => {
    const { name, version, tier } = catalogue.manifest;
    return { name, version, tier, rules: catalogue.rules.length, digest, opa: catalogue.opa };
  });
  const { version } = environment;
  if (args.text("output") === "json") return print(terminal, JSON.stringify({ version, node: process.version, packs }, null, 2));
  const lines = packs.map(({ name, version: of, rules, digest, opa }) => `pack ${name} ${of}: ${rules} rules, OPA ${opa}, ${digest}`);
  return print(terminal, [`firebreak ${version} (Node ${process.version})`, ...lines].join("\n"));
}

/** `firebreak doctor`: 1 where something is broken. */
export async function runDoctor(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const configuration = await commandConfiguration(args.text("config"));
  const api = new ApiClient(userCredentials(), () => {});
  try {
    const examinations = await examineCluster(api, clusterSettings(configuration, "doctor"), () => new Date());
    const json = args.text("output") === "json";
    print(terminal, json ? JSON.stringify({ schema: "firebreak.doctor/1", examinations }, null, 2) : doctorText(examinations, paint(terminal.colour)));
    return examinations.some(({ status }) => status === "fail") ? 1 : 0;
  } finally {
    api.close();
  }
}

export async function runCompletion(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const shell = shells.find((known) => known === args.operands[0]);
  if (shell === undefined) throw new FirebreakError("FBR_USAGE", `completion needs a shell: ${shells.join(", ")}`);
  terminal.write(completionScript(shell));
  return 0;
}
