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
    name: "explain",
    summary: "tell all about a decision",
    usage: "firebreak explain DECISION-ID [--log FILE]",
    about: "Finds the record of a decision in Firebreak's log and says what was asked, by whom, what every rule found, and what to do.",
    options: [{ name: "log", value: "FILE", summary: "the log (standard input where it is left out)" }, json],
    examples: [["kubectl logs -n firebreak-system -l app.kubernetes.io/name=firebreak --tail=-1 | firebreak explain 01JD...", "from the running replicas"]],
    exits: [[0, "found"], [1, "no such decision in the log"], usageExit],
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
