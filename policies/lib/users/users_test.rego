package lib.users_test

import data.lib.requests
import data.lib.users

somebody := {"users": ["alice"], "groups": []}

nobody := {"users": [], "groups": []}

test_listed_by_name_and_by_group if {
	users.listed(somebody) with input as requests.by("alice", requests.create("Pod", {}))
	users.listed({"users": [], "groups": ["ops"]}) with input as {"review": {"request": {"userInfo": {"username": "bob", "groups": ["ops"]}}}}
	not users.listed(somebody) with input as requests.by("bob", requests.create("Pod", {}))
}

test_action_follows_the_list if {
	users.action(somebody) == "deny"
	users.action(nobody) == "warn"
	not users.configured(nobody)
}

test_cleaning_up if {
	users.cleaning_up with input as requests.by("system:apiserver", requests.create("Pod", {}))
	not users.cleaning_up with input as requests.create("Pod", {})
}
