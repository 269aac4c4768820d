# A team's plugins: what is wanted. Run "plugins apply" in this folder.

plugin_dir = "plugins"

registry "demo" {
  url = "./registry" # a registry of files; yours is probably an https:// address
}

plugin "hello" {
  version = "1.0.0" # 1.1.0 exists: raise it, then run "plugins lock" and "plugins apply"
}

plugin "clock" {
  version = "~> 2.0"
}
