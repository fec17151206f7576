import type { Attributes } from "../model/attributes.ts";
import type { Labels } from "../model/kubernetes.ts";
import type { ClusterModel } from "./cluster-model.ts";
import { endpointOfWorkload, objectOf, workloadOf } from "./inventory.ts";
import { isMember } from "./population.ts";

/** Labels of the domains that a workload belongs to, as it is written. Where two give one key, the first by name does. */
export function domainLabels(model: ClusterModel, attributes: Attributes): Labels {
  const [workload] = attributes.object === undefined ? [] : workloadOf(objectOf(attributes, attributes.object));
  if (workload === undefined) return {};
  const endpoint = endpointOfWorkload(workload, model.network.labels(workload.namespace) ?? {});
  const domains = model.boundaries.domains.filter(({ name, spec }) => spec.labels !== undefined && isMember(name, spec, endpoint));
  return Object.assign({}, ...domains.toSorted((a, b) => (a.name < b.name ? 1 : -1)).map(({ spec }) => spec.labels));
}
