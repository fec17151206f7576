package lib.pods_test

import data.lib.pods

deployment := {"review": {"request": {"kind": {"kind": "Deployment"}, "object": {"spec": {"template": {
	"metadata": {"labels": {"a": "b"}},
	"spec": {"containers": [{"name": "c"}], "initContainers": [{"name": "i"}]},
}}}}}}

test_template_of_a_workload if {
	pods.labels == {"a": "b"} with input as deployment
	pods.path(["spec", "hostNetwork"]) == "spec.template.spec.hostNetwork" with input as deployment
	{c.container.name | some c in pods.containers} == {"c", "i"} with input as deployment
}

test_kind_without_pods_has_no_pod if {
	not pods.pod with input as {"review": {"request": {"kind": {"kind": "Service"}, "object": {}}}}
}

test_controlled_needs_a_controller if {
	not pods.controlled with input as deployment
	owned := {"review": {"request": {"kind": {"kind": "Pod"}, "object": {"metadata": {"ownerReferences": [{"controller": true}]}}}}}
	pods.controlled with input as owned
}

test_names_and_images if {
	pods.images == [] with input as deployment
	pods.service_account == "default" with input as deployment
	pods.container_path({"field": "containers", "index": 0}, ["image"]) == "spec.template.spec.containers[0].image" with input as deployment
	pods.account_of({"spec": {"serviceAccountName": "web"}}) == "web"
}

test_namespace_carries_its_own_labels if {
	namespace := {"review": {"request": {"kind": {"kind": "Namespace"}, "object": {"metadata": {"labels": {"a": "b"}}}}}}
	pods.annotated.metadata.labels.a == "b" with input as namespace
	pods.path(["metadata"]) == "metadata" with input as namespace
	pods.annotated.metadata.labels.a == "b" with input as deployment
}
