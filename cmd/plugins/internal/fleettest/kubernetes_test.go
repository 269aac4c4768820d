package fleettest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// deployment is what is looked at of one.
type deployment struct {
	Spec struct {
		Template struct {
			Spec struct {
				InitContainers, Containers []container
				Volumes                    []struct {
					Name      string
					ConfigMap struct{ Name string }
					Image     struct{ Reference string }
				}
			}
		}
	}
}

type container struct {
	Name, Image  string
	Args         []string
	Resources    struct{ Limits map[string]any }
	VolumeMounts []struct {
		Name, MountPath string
		ReadOnly        bool
	}
}

func readDeployment(t *testing.T, name string) (generic any, d deployment) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(example(t, name)), &generic); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	data, err := json.Marshal(generic)
	if err == nil {
		err = json.Unmarshal(data, &d)
	}
	if err == nil {
		generic, err = jsonschema.UnmarshalJSON(bytes.NewReader(data))
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return generic, d
}

var deployments = []string{"kubernetes-init-container.yaml", "kubernetes-image-volume.yaml"}

// The manifests are what Kubernetes takes: testdata/kubernetes tells where its schema
// is from.
func TestKubernetesSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("../../../../testdata/kubernetes/deployment.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range deployments {
		manifest, _ := readDeployment(t, name)
		if err := schema.Validate(manifest); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// It would not take anything.
		spec := manifest.(map[string]any)["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
		first := spec["containers"].([]any)[0].(map[string]any)
		for key, value := range map[string]any{"volumeMount": []any{}, "args": "a b", "image": 1} {
			before, was := first[key]
			first[key] = value
			if schema.Validate(manifest) == nil {
				t.Errorf("%s: the schema takes %s: %v", name, key, value)
			}
			if delete(first, key); was {
				first[key] = before
			}
		}
		delete(spec, "containers")
		if schema.Validate(manifest) == nil {
			t.Errorf("%s: the schema takes a pod without containers", name)
		}
	}
}

// What the schema cannot say: what is mounted is there, images are pinned, memory is
// bounded, and a host only reads its plugins.
func TestKubernetesSense(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)
	for _, name := range deployments {
		_, d := readDeployment(t, name)
		pod := d.Spec.Template.Spec
		volumes := map[string]bool{}
		for _, v := range pod.Volumes {
			volumes[v.Name] = false
			if ref := v.Image.Reference; ref != "" && !pinned.MatchString(ref) {
				t.Errorf("%s: volume %s is not pinned", name, v.Name)
			}
			if m := v.ConfigMap.Name; m != "" && !strings.Contains(example(t, "kustomization.yaml"), "name: "+m+"\n") {
				t.Errorf("%s: nothing makes the ConfigMap %s", name, m)
			}
		}
		for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
			if !pinned.MatchString(c.Image) || c.Resources.Limits["memory"] == nil {
				t.Errorf("%s: container %s is not pinned, or its memory not bounded", name, c.Name)
			}
			for _, m := range c.VolumeMounts {
				if _, ok := volumes[m.Name]; !ok {
					t.Errorf("%s: container %s mounts %s, which is not there", name, c.Name, m.Name)
				}
				volumes[m.Name] = true
				if m.Name == "plugins" && m.ReadOnly != (c.Name != "plugins") {
					t.Errorf("%s: container %s mounts the plugins with readOnly: %v", name, c.Name, m.ReadOnly)
				}
			}
		}
		for v, mounted := range volumes {
			if !mounted {
				t.Errorf("%s: nothing mounts %s", name, v)
			}
		}
	}
}
