package config

import "github.com/hashicorp/hcl/v2"

func attributes(names ...string) []hcl.AttributeSchema {
	out := make([]hcl.AttributeSchema, len(names))
	for i, name := range names {
		out[i] = hcl.AttributeSchema{Name: name}
	}
	return out
}

func projectSchema() *hcl.BodySchema {
	return &hcl.BodySchema{
		Attributes: attributes("required_version", "plugin_dir", "platforms"),
		Blocks: []hcl.BlockHeaderSchema{
			{Type: "locals"},
			{Type: "registry", LabelNames: []string{"name"}},
			{Type: "mirror", LabelNames: []string{"prefix"}},
			{Type: "credentials", LabelNames: []string{"host"}},
			{Type: "host", LabelNames: []string{"name"}},
			{Type: "github", LabelNames: []string{"host"}},
			{Type: "policy"},
			{Type: "on_change"},
			{Type: "health"},
			{Type: "plugin", LabelNames: []string{"name"}},
		},
	}
}

func userSchema() *hcl.BodySchema {
	return &hcl.BodySchema{
		Attributes: attributes("ca_file"),
		Blocks: []hcl.BlockHeaderSchema{
			{Type: "locals"},
			{Type: "mirror", LabelNames: []string{"prefix"}},
			{Type: "credentials", LabelNames: []string{"host"}},
		},
	}
}

func pluginSchema() *hcl.BodySchema {
	return &hcl.BodySchema{
		Attributes: attributes("source", "version", "platforms", "asset", "binary", "manifest", "keep"),
		Blocks:     []hcl.BlockHeaderSchema{{Type: "limits"}, {Type: "verify"}},
	}
}

func registrySchema() *hcl.BodySchema {
	return &hcl.BodySchema{
		Attributes: attributes("url", "token"),
		Blocks:     []hcl.BlockHeaderSchema{{Type: "verify"}},
	}
}

func mirrorSchema() *hcl.BodySchema      { return &hcl.BodySchema{Attributes: attributes("url", "only")} }
func credentialsSchema() *hcl.BodySchema { return &hcl.BodySchema{Attributes: attributes("token")} }
func hostSchema() *hcl.BodySchema        { return &hcl.BodySchema{Attributes: attributes("version")} }

func gitHubSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("api_url", "token")}
}

func onChangeSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("command", "timeout")}
}

func healthSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("command", "timeout", "retries", "interval")}
}

func verifySchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("minisign", "command", "timeout")}
}

func policySchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("allow_sources", "allow_hosts", "require_signature", "min_age")}
}

func limitsSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("packed", "unpacked", "file", "entries", "ratio", "depth",
		"path", "component", "manifest", "document", "window", "idle")}
}
