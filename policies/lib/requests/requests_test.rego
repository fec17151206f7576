package lib.requests_test

import data.lib.requests

test_shapes if {
	requests.create_policy({}).review.request.kind.kind == "NetworkPolicy"
	requests.deployment({}).spec.template.spec == {}
}

test_changes if {
	requests.update_policy({}, {"a": 1}).review.request.oldObject.spec == {}
	requests.delete_policy({}).review.request.object == null
	requests.of("g", "K", {}).review.request.kind == {"group": "g", "kind": "K"}
	requests.by("bob", requests.create("Pod", {})).review.request.userInfo.username == "bob"
}
