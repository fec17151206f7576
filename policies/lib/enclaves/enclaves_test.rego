package lib.enclaves_test

import data.lib.enclaves

test_known_and_unknown if {
	enclaves.possible with input as {"facts": {"enclave": true}}
	enclaves.possible with input as {"facts": {}}
	not enclaves.possible with input as {"facts": {"enclave": false}}
}
