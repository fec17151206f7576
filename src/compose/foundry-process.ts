/** The process that proves one pack and ends: told by a message, answering with one. */
import type { Proved } from "../cluster/rule-packs/foundry.ts";
import { readReport } from "../guardrails/authoring/report.ts";
import { readBundle, writeBundle } from "../guardrails/bundle/bundle.ts";
import { verifyFiles } from "../guardrails/bundle/signature.ts";
import type { Files } from "../guardrails/bundle/tar.ts";
import { packFrom } from "../guardrails/pack.ts";
import { indexRules } from "../guardrails/pack-use.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { type Delivery, inFolder, type Order } from "./foundry.ts";
import { buildPack, workshop } from "./workshop.ts";

process.once("message", (order) => {
  void deliver(order as Order).then((delivery) => process.send?.(delivery, () => process.disconnect()));
});

async function deliver(order: Order): Promise<Delivery> {
  try {
    return { proved: await proved(order) };
  } catch (thrown) {
    return { code: thrown instanceof FirebreakError ? thrown.code : "FBR_INTERNAL", message: messageOf(thrown) };
  }
}

async function proved({ root, opa, limits, source }: Order): Promise<Proved> {
  if ("bundle" in source) {
    const files = readBundle(source.bundle);
    const signedBy = verifyFiles(files, source.trustedKeys);
    return { ...(await described(files)), bundle: source.bundle, signedBy };
  }
  const tools = workshop(root, opa, { timeoutMillis: limits.proveMillis, memoryBytes: limits.memoryBytes });
  const files = await inFolder(source.files, (folder) => buildPack(folder, tools));
  return { ...(await described(files)), bundle: writeBundle(files) };
}

/** What is told of a pack once it has been loaded as a replica would load it. */
async function described(files: Files): Promise<Omit<Proved, "bundle" | "signedBy">> {
  const report = readReport(files);
  const pack = await packFrom(files);
  const { manifest, rules } = pack.catalogue;
  return {
    pack: manifest.name,
    version: manifest.version,
    digest: pack.digest,
    judges: [...indexRules(pack).keys()].sort(),
    ruleIds: rules.map(({ id }) => id),
    tests: { rego: report.rego.passed, cases: report.cases.passed },
  };
}
