import type { UserInfo } from "../model/attributes.ts";
import { FirebreakError } from "../model/errors.ts";
import type { ApiClient } from "./api-client.ts";

/** The custom verbs of Firebreak, as a ClusterRole grants them. They are no resources that anybody stores. */
export const customVerbs = {
  changeLabels: { group: "firebreak.dev", resource: "segmentationlabels", verb: "change" },
  setMode: { group: "firebreak.dev", resource: "namespacemodes", verb: "set" },
  approveExemption: { group: "firebreak.dev", resource: "exemptionapprovals", verb: "approve" },
  breakGlass: { group: "firebreak.dev", resource: "breakglasses", verb: "use" },
  writeTier: { group: "firebreak.dev", resource: "rulepacktiers", verb: "write" },
  changeInstallation: { group: "firebreak.dev", resource: "installations", verb: "change" },
} as const;

/** Something that RBAC may allow. */
export interface CustomVerb {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

/**
 * Asks the API server whether a user may do something to an object of a name (SubjectAccessReview, authorization.k8s.io/v1).
 *
 * @throws FirebreakError FBR_FACTS_UNAVAILABLE where it does not answer.
 */
export async function mayUser(api: ApiClient, user: UserInfo, asked: CustomVerb, name: string): Promise<boolean> {
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user: user.username, uid: user.uid, groups: user.groups, extra: user.extra, resourceAttributes: { ...asked, name } },
  };
  try {
    const review = await api.call<{ status?: { allowed?: boolean } }>("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      body,
      timeoutMillis: 3000,
    });
    return review.status?.allowed === true;
  } catch (cause) {
    throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `the API server did not say what ${user.username} may do`, { cause });
  }
}
