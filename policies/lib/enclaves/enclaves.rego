# METADATA
# title: Enclaves
# scope: package
package lib.enclaves

# METADATA
# description: >-
#   Holds in an enclave, and where nobody knows whether it is one: a missing fact never excuses. What is found without the
#   fact is reported as undetermined.
possible if input.facts.enclave

possible if object.get(input.facts, "enclave", null) == null
