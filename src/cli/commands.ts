/** An option of a command as help, completion and the parser know it. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** The name of its value in help; an option without one is a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly repeated?: boolean;
  readonly summary: string;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly about: string;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly exits: readonly (readonly [code: number, when: string])[];
}

const modes = ["observe", "stage", "enforce"] as const;
const config: OptionSpec = {
  name: "config",
  value: "FILE",
  summary: "the configuration that Firebreak runs with: labels, exclusions, packs and their parameters",
};
const json: OptionSpec = { name: "output", short: "o", value: "FORMAT", choices: ["text", "json"], summary: "text for people, json for programs" };
const opa: OptionSpec = { name: "opa", value: "FILE", summary: "the opa command (FIREBREAK_OPA, or the one on the PATH)" };
const signing: readonly OptionSpec[] = [
  { name: "key", value: "FILE", summary: "the private key to sign with, PEM" },
  { name: "key-id", value: "ID", summary: "what the signature calls the key (the file's name)" },
];
const usageExit = [2, "it could not be done: wrong usage, bad input, or a cluster that does not answer"] as const;

/** Every command: help and shell completion are views of this list. */
export const commands: readonly CommandSpec[] = [
  {
    name: "check",
    summary: "judge manifests as the webhook would",
    usage: "firebreak check FILE|FOLDER|-... [options]",
    about:
      "Runs the same core and the same compiled pack as the webhook, without a cluster. Documents are YAML or JSON, many in a file; an\n" +
      "API server's defaults are filled in first. Recorded AdmissionReviews are judged as they are. Facts come from the namespaces and\n" +
      "policies among the files, from --facts, or from --cluster; what nobody told is undetermined, never passed in silence.",
    options: [
      { name: "output", short: "o", value: "FORMAT", choices: ["text", "json", "sarif", "junit"], summary: "what to print" },
      { name: "facts", value: "FILE", repeated: true, summary: "objects that stand in the cluster (kubectl get ns,netpol,pods -A -o yaml)" },
      { name: "cluster", summary: "read facts, and the objects as they are now, from the cluster of KUBECONFIG" },
      { name: "namespace", short: "n", value: "NAME", summary: "the namespace of objects that name none (default)" },
      { name: "mode", value: "MODE", choices: modes, summary: "judge as if every namespace were in this mode" },
      { name: "as", value: "USER", summary: "who makes the change, for rules that ask" },
      { name: "as-group", value: "GROUP", repeated: true, summary: "a group of that user" },
      config,
      { name: "profile", value: "NAME", summary: "a framework's actions and parameters (pci-dss-4.0.1, cis-1.12, ...)" },
      { name: "pack", value: "BUNDLE", repeated: true, summary: "another rule pack to judge by; with --cluster all that are in force count anyway" },
      { name: "strict", summary: "exit 3 where something is undetermined" },
    ],
    examples: [
      ["firebreak check deploy/", "all files of a folder"],
      ["helm template . | firebreak check -", "what a chart renders"],
      ["kubectl kustomize . | firebreak check - --cluster", "against the cluster as it is now"],
      ["firebreak check pod.yaml -o sarif > firebreak.sarif", "for a code host"],
    ],
    exits: [
      [0, "nothing is denied (warned and undetermined do not count)"],
      [1, "something is denied"],
      usageExit,
      [3, "something is undetermined, with --strict"],
    ],
  },
  {
    name: "reach",
    summary: "list what reaches what",
    usage: "firebreak reach FOLDER|FILE|- | --cluster [options]",
    about:
      "The connections that policies allow between the workloads of a folder of manifests, or of the cluster of KUBECONFIG, and from and to\n" +
      "the outside. Read are NetworkPolicy, ClusterNetworkPolicy, AdminNetworkPolicy, KubeVirt machines, Services, Ingresses and Gateway\n" +
      "routes; a policy of another kind is named on standard error, and what it does is not shown.",
    options: [
      { name: "output", short: "o", value: "FORMAT", choices: ["text", "json", "csv", "md", "dot"], summary: "what to print" },
      { name: "cluster", summary: "the cluster of KUBECONFIG" },
    ],
    examples: [
      ["firebreak reach deploy/", "a folder, as if it were a cluster"],
      ["firebreak reach --cluster -o dot | dot -Tsvg > reach.svg", "as a picture"],
    ],
    exits: [[0, "listed"], usageExit],
  },
  {
    name: "effect",
    summary: "show what a change opens and closes",
    usage: "firebreak effect BEFORE AFTER [options]",
    about: "Compares two folders of manifests, each taken for a cluster: the connections that only the second has, and those that only the first has.",
    options: [json],
    examples: [["firebreak effect main/deploy branch/deploy", "what a branch changes"]],
    exits: [[0, "nothing is opened"], [1, "something is"], usageExit],
  },
  {
    name: "explain",
    summary: "tell all about a decision, or why something reaches something",
    usage: "firebreak explain DECISION-ID [--log FILE] | --from NS/NAME|IP --to NS/NAME|IP --port tcp/80 FOLDER|FILE|--cluster",
    about:
      "Finds the record of a decision in Firebreak's log and says what was asked, by whom, what every rule found, and what to do.\n" +
      "With --from and --to: every policy that has a say in that connection, in the order in which they are asked, and which one decides.",
    options: [
      { name: "log", value: "FILE", summary: "the log (standard input where it is left out)" },
      { name: "from", value: "NS/NAME", summary: "where the connection comes from: a workload, a pod, or an address" },
      { name: "to", value: "NS/NAME", summary: "where it goes to" },
      { name: "port", value: "PORT", summary: "tcp/80: the port of the pod, not that of a Service" },
      { name: "cluster", summary: "the cluster of KUBECONFIG" },
      json,
    ],
    examples: [
      ["kubectl logs -n firebreak-system -l app.kubernetes.io/name=firebreak --tail=-1 | firebreak explain 01JD...", "from the running replicas"],
      ["firebreak explain --from shop/web --to payments/db --port tcp/5432 deploy/", "two workloads of a folder"],
    ],
    exits: [[0, "found; the connection is allowed, or possible"], [1, "no such decision in the log; the connection is denied"], usageExit],
  },
  {
    name: "doctor",
    summary: "look at a cluster and at Firebreak in it",
    usage: "firebreak doctor [options]",
    about:
      "Looks at the version of the cluster, the webhooks and whether they answer, certificates, the clock, permissions, the network plugin,\n" +
      "what default deny allows for DNS and the API server, pods on the host network, and what is excluded. Changes nothing.",
    options: [config, json],
    examples: [["KUBECONFIG=~/.kube/config firebreak doctor", "the cluster of that file"]],
    exits: [[0, "all is well, or nothing worse than a warning"], [1, "something is broken"], usageExit],
  },
  {
    name: "version",
    summary: "version, packs with their digests, OPA",
    usage: "firebreak version [options]",
    about: "Two installations that print the same digests say the same about the same input.",
    options: [config, json],
    examples: [],
    exits: [[0, "always"], usageExit],
  },
  {
    name: "scan",
    summary: "judge everything that stands in a cluster",
    usage: "firebreak scan [options]",
    about:
      "Runs every pack that is in force over all objects of the cluster of KUBECONFIG, with its exemptions, as the scan in the cluster does:\n" +
      "the same core, the same packs, the same answer. What a rule needs and a scan cannot know (who made a change) is undetermined.",
    options: [
      { name: "output", short: "o", value: "FORMAT", choices: ["text", "json", "openreports"], summary: "what to print" },
      { name: "namespace", short: "n", value: "NAME", summary: "this namespace only" },
      config,
      { name: "profile", value: "NAME", summary: "a framework's actions and parameters (pci-dss-4.0.1, cis-1.12, ...)" },
      { name: "strict", summary: "exit 3 where something is undetermined or could not be read" },
    ],
    examples: [
      ["firebreak scan", "the whole cluster"],
      ["firebreak scan -n shop -o json", "one namespace, for a program"],
    ],
    exits: [
      [0, "nothing fails (what warns does not count)"],
      [1, "something fails"],
      usageExit,
      [3, "something is undetermined or could not be read, with --strict"],
    ],
  },
  {
    name: "pack init",
    summary: "write a rule pack that passes its own tests",
    usage: "firebreak pack init FOLDER",
    about: "One rule with its tests and cases, parameters with a JSON Schema, a mapping and a profile. The folder's name is the pack's.",
    options: [],
    examples: [["firebreak pack init acme_guardrails", "begin here"]],
    exits: [[0, "written"], usageExit],
  },
  {
    name: "pack test",
    summary: "run the tests and cases of a rule pack",
    usage: "firebreak pack test FOLDER [options]",
    about:
      "Rego tests with full coverage, and the cases beside each rule (examples/denied-udp.yaml): a request, facts, and what becomes of\n" +
      "it, judged by the same core and the same WebAssembly module as in a cluster. What differs is shown as a comparison.",
    options: [opa, json],
    examples: [["firebreak pack test acme_guardrails", "all tests"]],
    exits: [[0, "all pass, every line of Rego is reached, every rule has a case for and against"], [1, "they do not"], usageExit],
  },
  {
    name: "pack build",
    summary: "test a rule pack and make its bundle",
    usage: "firebreak pack build FOLDER [options]",
    about: "An OPA bundle with the WebAssembly module, the catalogue, and the report of the tests; the same bytes for the same sources.",
    options: [{ name: "out", short: "O", value: "FILE", summary: "where the bundle is written (NAME-VERSION.tar.gz)" }, ...signing, opa],
    examples: [["firebreak pack build acme_guardrails --key release.key.pem", "built and signed"]],
    exits: [[0, "written"], [1, "its tests do not pass; nothing is written"], usageExit],
  },
  {
    name: "pack keygen",
    summary: "make a key pair to sign rule packs with",
    usage: "firebreak pack keygen NAME",
    about: "Ed25519, as two PEM files: NAME.key.pem and NAME.pub.pem. Keys of openssl do as well: Ed25519, or ECDSA P-256, P-384, P-521.",
    options: [],
    examples: [],
    exits: [[0, "written"], usageExit],
  },
  {
    name: "pack sign",
    summary: "sign a bundle",
    usage: "firebreak pack sign BUNDLE --key FILE [options]",
    about: "OPA's bundle signature format. The digest of the pack stays the same.",
    options: [...signing, { name: "out", short: "O", value: "FILE", summary: "where the signed bundle is written (in place)" }],
    examples: [["firebreak pack sign acme-guardrails-0.1.0.tar.gz --key release.key.pem --key-id release-2026", ""]],
    exits: [[0, "signed"], usageExit],
  },
  {
    name: "pack verify",
    summary: "say whether a bundle would be accepted",
    usage: "firebreak pack verify BUNDLE --key ID=FILE [options]",
    about: "Signature over every file, tests, shape of the module. A file that was added, taken out or changed is named.",
    options: [
      { name: "key", value: "ID=FILE", repeated: true, summary: "a public key that is trusted, PEM" },
      { name: "newer-than", value: "BUNDLE", summary: "refuse what is older than this one, or the same version with other content" },
    ],
    examples: [["firebreak pack verify acme-guardrails-0.1.0.tar.gz --key release-2026=release.pub.pem", ""]],
    exits: [[0, "it would be accepted"], [1, "it is refused"], usageExit],
  },
  {
    name: "pack diff",
    summary: "say in words what changes between two versions of a rule pack",
    usage: "firebreak pack diff BEFORE AFTER [options]",
    about: "Bundles or folders of sources. What changed Rego does to a cluster is what `firebreak pack preview` shows.",
    options: [opa, json],
    examples: [["firebreak pack diff acme-guardrails-0.1.0.tar.gz acme_guardrails", "what the next version brings"]],
    exits: [[0, "nothing changes"], [1, "something does"], usageExit],
  },
  {
    name: "pack inspect",
    summary: "show what is in a rule pack",
    usage: "firebreak pack inspect BUNDLE|FOLDER [options]",
    about: "Rules with their actions, profiles, tests, signature and digest; as JSON the whole catalogue.",
    options: [opa, json],
    examples: [],
    exits: [[0, "shown"], usageExit],
  },
  {
    name: "pack rbac",
    summary: "print the permissions that Firebreak needs to read for a rule pack",
    usage: "firebreak pack rbac BUNDLE|FOLDER | kubectl apply -f -",
    about: "A ClusterRole that is aggregated to Firebreak's own: what the rules judge in a scan, and the facts that pack.json declares.",
    options: [opa],
    examples: [],
    exits: [[0, "printed"], usageExit],
  },
  {
    name: "pack preview",
    summary: "show what a revision of a rule pack would newly deny and newly allow",
    usage: "firebreak pack preview PACK --cluster | PACK FILE|FOLDER... [options]",
    about:
      "Judges everything that stands by the revision that is in force (or --against another) and by this one, as if both were enforced, and\n" +
      "says by rule, namespace and owner what differs.",
    options: [
      { name: "cluster", summary: "everything in the cluster of KUBECONFIG" },
      { name: "against", value: "PACK", summary: "the revision to compare with, instead of the one in force" },
      config,
      opa,
      json,
    ],
    examples: [
      ["firebreak pack preview acme_guardrails --cluster", "sources against the cluster"],
      ["firebreak pack preview acme-guardrails-0.2.0.tar.gz deploy/ --against acme-guardrails-0.1.0.tar.gz", "two bundles, over manifests"],
    ],
    exits: [[0, "nothing would newly be denied"], [1, "something would"], usageExit],
  },
  {
    name: "pack apply",
    summary: "put a rule pack into a cluster, and wait until it is in force",
    usage: "firebreak pack apply PACK --tier TIER [options]",
    about:
      "A signed bundle, or a folder of sources. Makes the RulePack, or gives the one that is there another source: where it holds stays as it is. A\n" +
      "new one warns everywhere unless --stage says otherwise.",
    options: [
      { name: "tier", value: "TIER", choices: ["Mandatory", "Standard", "Advisory"], summary: "how much it weighs (needed for a new one)" },
      { name: "name", value: "NAME", summary: "the name of the RulePack (the pack's)" },
      { name: "stage", value: "STAGE", choices: ["draft", "dryrun", "warn", "enforce"], summary: "one binding, everywhere, at this stage" },
      { name: "key", value: "ID=FILE", repeated: true, summary: "a public key that is trusted to sign it, PEM" },
      { name: "wait", summary: "until it is in force, or is not put in force" },
      { name: "timeout", value: "SECONDS", summary: "how long to wait (120)" },
      config,
    ],
    examples: [["firebreak pack apply acme-guardrails-0.1.0.tar.gz --tier Standard --key release=release.pub.pem --wait", ""]],
    exits: [[0, "written; with --wait: in force"], [1, "with --wait: not put in force, and why"], usageExit],
  },
  {
    name: "exemption show",
    summary: "show an exemption, and what approving it means",
    usage: "firebreak exemption show NAME [options]",
    about: "Everything that is approved, who asked, who approved, and the digest that an approval is bound to.",
    options: [json],
    examples: [],
    exits: [[0, "shown"], usageExit],
  },
  {
    name: "exemption approve",
    summary: "approve an exemption as it stands",
    usage: "firebreak exemption approve NAME --digest DIGEST",
    about: "Makes an ExemptionApproval in your name. The digest is what exemption show showed: if it changed since, nothing is approved.",
    options: [{ name: "digest", value: "DIGEST", summary: "the digest of what you read" }],
    examples: [],
    exits: [[0, "approved"], usageExit],
  },
  {
    name: "exemption sign",
    summary: "sign an approval of an exemption, to be delivered by Git",
    usage: "firebreak exemption sign FILE --key FILE --key-id ID",
    about: "Prints an ExemptionApproval with a detached signature. It counts as the owner of the key, whoever applies it (exemptions.keys).",
    options: signing,
    examples: [["firebreak exemption sign exemption.yaml --key carol.key.pem --key-id carol > approval.json", ""]],
    exits: [[0, "printed"], usageExit],
  },
  {
    name: "breakglass",
    summary: "for a while, let nothing but Mandatory rules refuse",
    usage: "firebreak breakglass --reason TEXT [--for 15m] [options]",
    about: "For incidents. It raises an alarm, everything is recorded, it ends by itself, and what passed is scanned afterwards.",
    options: [
      { name: "reason", value: "TEXT", summary: "why; an auditor will read it" },
      { name: "for", value: "MINUTES", summary: "how long, 15m" },
      { name: "namespace", short: "n", value: "NAME", repeated: true, summary: "here only" },
    ],
    examples: [['firebreak breakglass --reason "INC-7: the shop is down" --for 15m -n shop', ""]],
    exits: [[0, "the glass is broken"], usageExit],
  },
  {
    name: "serve",
    summary: "run the webhook and its controllers",
    usage: "firebreak serve --config FILE",
    about: "KUBECONFIG names a kubeconfig file; without it the pod's own ServiceAccount is used.",
    options: [config],
    examples: [],
    exits: [[0, "stopped by a signal"], [1, "could not start"], usageExit],
  },
  {
    name: "completion",
    summary: "print a completion script for a shell",
    usage: "firebreak completion bash|zsh|fish",
    about: "",
    options: [],
    examples: [["source <(firebreak completion bash)", "in ~/.bashrc"]],
    exits: [[0, "printed"], usageExit],
  },
];

export const shells = ["bash", "zsh", "fish"] as const;
