/** The part of a Pod that says whether it runs or will run (core/v1 PodStatus.phase). */
interface PodState {
  readonly metadata?: { readonly deletionTimestamp?: string };
  readonly status?: { readonly phase?: string };
}

/** A pod that is neither finished nor terminating: it would lose its default deny with the policy. */
export function isLivePod({ metadata, status }: PodState): boolean {
  return metadata?.deletionTimestamp === undefined && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}
