# What the fleet runs. Locked for its machines and for those of the people who work on it:
#   plugins lock

plugin_dir = "plugins"
platforms  = ["linux/amd64", "linux/arm64", "darwin/arm64"]

plugin "authz" {
  source  = "oci://registry.example.com/plugins/authz"
  version = "~> 0.6"
}

plugin "billing" {
  source  = "oci://registry.example.com/plugins/billing"
  version = "~> 2.1"
}
