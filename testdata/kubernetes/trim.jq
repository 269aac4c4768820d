# Makes of Kubernetes' OpenAPI document a JSON schema of the kinds that examples/fleet
# uses: what they refer to, without prose, and strict about names that do not exist.

def refs: [.. | objects | ."$ref"? | strings | ltrimstr("#/definitions/")] | unique;

def reach($all; $seen):
  ([$seen[] as $name | $all[$name] | refs[]] + $seen | unique) as $more
  | if $more == $seen then $seen else reach($all; $more) end;

def strict:
  if type == "object" then
    (if has("properties") and (.type == "object" or .type == null) and (.properties | type) == "object"
      then . + {additionalProperties: false} else . end)
    | with_entries(if .key == "properties" then .value |= map_values(strict) else .value |= strict end)
  elif type == "array" then map(strict) else . end;

def bare:
  if type == "object" then
    (if .format == "int-or-string" then {type: ["string", "integer"]} else . end)
    | with_entries(
        if .key == "properties" and (.value | type) == "object" then .value |= map_values(bare)
        elif .key == "description" or .key == "format" or .key == "default" or (.key | startswith("x-kubernetes")) then empty
        else .value |= bare end)
  elif type == "array" then map(bare) else . end;

# Sources of volumes that need an operator's own storage, and are not in the examples.
def volumes: del(.["io.k8s.api.core.v1.Volume"].properties[
  "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "ephemeral", "fc", "flexVolume", "flocker",
  "gcePersistentDisk", "gitRepo", "glusterfs", "iscsi", "nfs", "photonPersistentDisk", "portworxVolume", "projected",
  "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"]);

(.definitions | volumes) as $all
| reach($all; ["io.k8s.api.apps.v1.Deployment"]) as $names
| {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$comment": "Kubernetes \($version), trimmed by trim.jq",
    "$ref": "#/definitions/io.k8s.api.apps.v1.Deployment",
    definitions: (reduce $names[] as $n ({}; . + {($n): ($all[$n] | bare | strict)})
      | .["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {type: ["string", "number"]})
  }
