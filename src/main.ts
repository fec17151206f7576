#!/usr/bin/env node
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { type Arguments, parseArguments } from "./cli/arguments.ts";
import { commands } from "./cli/commands.ts";
import { commandHelp, generalHelp } from "./cli/help.ts";
import type { Terminal } from "./cli/terminal.ts";
import { runCheck } from "./compose/check.ts";
import type { Environment } from "./compose/environment.ts";
import { runBreakGlass, runExemptionApprove, runExemptionShow, runExemptionSign } from "./compose/exemption.ts";
import { runCompletion, runDoctor, runExplain, runVersion } from "./compose/inform.ts";
import { runPackBuild, runPackDiff, runPackInit, runPackInspect, runPackKeygen, runPackRbac, runPackSign, runPackTest, runPackVerify } from "./compose/pack.ts";
import { runPackApply } from "./compose/pack-apply.ts";
import { runPackPreview } from "./compose/preview.ts";
import { runEffect, runReach } from "./compose/reach.ts";
import { runScan } from "./compose/scan.ts";
import { startFirebreak } from "./compose/serve.ts";
import { loadConfiguration } from "./config/configuration.ts";
import { type ErrorCode, FirebreakError, messageOf } from "./model/errors.ts";

const environment: Environment = {
  kubeconfig: process.env["KUBECONFIG"],
  terminal: process.stdout.isTTY === true,
  root: join(import.meta.dirname, ".."),
  version: packageJson.version,
  opa: process.env["FIREBREAK_OPA"],
  path: process.env["PATH"] ?? "",
};

const terminal: Terminal = {
  // https://no-color.org
  colour: process.stdout.isTTY === true && !process.env["NO_COLOR"],
  watched: process.stderr.isTTY === true,
  write: (text) => void process.stdout.write(text),
  warn: (text) => void process.stderr.write(text),
  readStdin: async () => {
    if (process.stdin.isTTY) terminal.warn("firebreak: reading standard input (end it with Ctrl-D)\n");
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  },
};

const runners: Readonly<Record<string, (args: Arguments, environment: Environment, terminal: Terminal) => Promise<number>>> = {
  check: runCheck,
  explain: runExplain,
  reach: runReach,
  effect: runEffect,
  doctor: runDoctor,
  version: runVersion,
  scan: runScan,
  "pack init": runPackInit,
  "pack test": runPackTest,
  "pack build": runPackBuild,
  "pack keygen": runPackKeygen,
  "pack sign": runPackSign,
  "pack verify": runPackVerify,
  "pack diff": runPackDiff,
  "pack inspect": runPackInspect,
  "pack rbac": runPackRbac,
  "pack preview": runPackPreview,
  "pack apply": runPackApply,
  "exemption show": runExemptionShow,
  "exemption approve": runExemptionApprove,
  "exemption sign": runExemptionSign,
  breakglass: runBreakGlass,
  serve,
  completion: runCompletion,
};

/** What keeps a command from being done is 2, so that it is never taken for a finding; a server that could not start for anything but its configuration is 1. */
const wrongConfiguration: ReadonlySet<ErrorCode> = new Set(["FBR_USAGE", "FBR_CONFIG_INVALID", "FBR_CONFIG_UNREADABLE", "FBR_PACK_INVALID"]);

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const { name, args } = named(argv);
  if (name === "--version") return main(["version", ...args]);
  if (name === "--help" || name === "-h" || name === "help") return help(named(args).name);
  const command = commands.find((known) => known.name === name);
  const run = runners[name];
  if (command === undefined || run === undefined) return noCommand(name, args);
  if (args.includes("--help") || args.includes("-h")) return help(name);
  try {
    return await run(parseArguments(command, args), environment, terminal);
  } catch (thrown) {
    const code = thrown instanceof FirebreakError ? thrown.code : "FBR_INTERNAL";
    terminal.warn(`firebreak: [${code}] ${messageOf(thrown)}\n`);
    return 2;
  }
}

/** `firebreak pack` alone shows the commands of its group. */
function noCommand(name: string, args: readonly string[]): number {
  const group = commands.filter((known) => known.name.startsWith(`${name} `));
  const asksForHelp = args.some((arg) => arg === "--help" || arg === "-h");
  if (group.length > 0 && (asksForHelp || args.length === 0)) {
    terminal.write(generalHelp(group));
    return asksForHelp ? 0 : 2;
  }
  const said = group.length > 0 ? `${name} ${args[0]}` : name;
  terminal.warn(`firebreak: [FBR_USAGE] there is no command ${said}\n\n${generalHelp(group.length > 0 ? group : commands)}`);
  return 2;
}

/** Some commands are two words: `pack build`. */
function named([first = "--help", second, ...rest]: readonly string[]): { name: string; args: readonly string[] } {
  const both = `${first} ${second}`;
  if (second !== undefined && commands.some(({ name }) => name === both)) return { name: both, args: rest };
  return { name: first, args: second === undefined ? [] : [second, ...rest] };
}

function help(name: string | undefined): number {
  const command = commands.find((known) => known.name === name);
  terminal.write(command === undefined ? generalHelp() : commandHelp(command));
  return 0;
}

async function serve(args: Arguments): Promise<number> {
  const file = args.text("config");
  if (file === undefined) throw new FirebreakError("FBR_USAGE", "serve needs --config FILE");
  try {
    const firebreak = await startFirebreak(await loadConfiguration(file), environment);
    await signalled();
    await firebreak.stop();
    return process.exit(0);
  } catch (thrown) {
    // What is half started must not keep the process alive.
    const code = thrown instanceof FirebreakError ? thrown.code : "FBR_INTERNAL";
    terminal.warn(`firebreak: [${code}] ${messageOf(thrown)}\n`);
    return process.exit(wrongConfiguration.has(code) ? 2 : 1);
  }
}

/** The first SIGTERM or SIGINT; a second one ends at once, as the default does. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}
