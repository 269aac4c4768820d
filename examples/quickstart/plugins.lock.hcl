# Maintained by "plugins lock". Commit this file; changes made by hand are lost.

version = 1

plugin "clock" {
  version       = "2.1.0"
  constraints   = "~> 2.0"
  source        = "demo/clock"
  manifest_name = "workflow-plugin-clock"

  package "darwin/amd64" {
    path   = "./registry/packages/clock-2.1.0.tar.gz"
    digest = "sha256:6e4a4f437357853d476044528e8dba28b8cc489a5c3478cca2946e80dba68625"
  }
  package "darwin/arm64" {
    path   = "./registry/packages/clock-2.1.0.tar.gz"
    digest = "sha256:6e4a4f437357853d476044528e8dba28b8cc489a5c3478cca2946e80dba68625"
  }
  package "freebsd/amd64" {
    path   = "./registry/packages/clock-2.1.0.tar.gz"
    digest = "sha256:6e4a4f437357853d476044528e8dba28b8cc489a5c3478cca2946e80dba68625"
  }
  package "freebsd/arm64" {
    path   = "./registry/packages/clock-2.1.0.tar.gz"
    digest = "sha256:6e4a4f437357853d476044528e8dba28b8cc489a5c3478cca2946e80dba68625"
  }
  package "linux/amd64" {
    path   = "./registry/packages/clock-2.1.0.tar.gz"
    digest = "sha256:6e4a4f437357853d476044528e8dba28b8cc489a5c3478cca2946e80dba68625"
  }
  package "linux/arm64" {
    path   = "./registry/packages/clock-2.1.0.tar.gz"
    digest = "sha256:6e4a4f437357853d476044528e8dba28b8cc489a5c3478cca2946e80dba68625"
  }
  package "windows/amd64" {
    path   = "./registry/packages/clock-2.1.0.tar.gz"
    digest = "sha256:6e4a4f437357853d476044528e8dba28b8cc489a5c3478cca2946e80dba68625"
  }
  package "windows/arm64" {
    path   = "./registry/packages/clock-2.1.0.tar.gz"
    digest = "sha256:6e4a4f437357853d476044528e8dba28b8cc489a5c3478cca2946e80dba68625"
  }
}

plugin "hello" {
  version     = "1.0.0"
  constraints = "1.0.0"
  source      = "demo/hello"

  package "darwin/amd64" {
    path   = "./registry/packages/hello-1.0.0.tar.gz"
    digest = "sha256:ea64c67638403e94842c5b3e0d3ae9b78bc2c6a98c92477e2e99ebc4ef90be2b"
  }
  package "darwin/arm64" {
    path   = "./registry/packages/hello-1.0.0.tar.gz"
    digest = "sha256:ea64c67638403e94842c5b3e0d3ae9b78bc2c6a98c92477e2e99ebc4ef90be2b"
  }
  package "freebsd/amd64" {
    path   = "./registry/packages/hello-1.0.0.tar.gz"
    digest = "sha256:ea64c67638403e94842c5b3e0d3ae9b78bc2c6a98c92477e2e99ebc4ef90be2b"
  }
  package "freebsd/arm64" {
    path   = "./registry/packages/hello-1.0.0.tar.gz"
    digest = "sha256:ea64c67638403e94842c5b3e0d3ae9b78bc2c6a98c92477e2e99ebc4ef90be2b"
  }
  package "linux/amd64" {
    path   = "./registry/packages/hello-1.0.0.tar.gz"
    digest = "sha256:ea64c67638403e94842c5b3e0d3ae9b78bc2c6a98c92477e2e99ebc4ef90be2b"
  }
  package "linux/arm64" {
    path   = "./registry/packages/hello-1.0.0.tar.gz"
    digest = "sha256:ea64c67638403e94842c5b3e0d3ae9b78bc2c6a98c92477e2e99ebc4ef90be2b"
  }
  package "windows/amd64" {
    path   = "./registry/packages/hello-1.0.0.tar.gz"
    digest = "sha256:ea64c67638403e94842c5b3e0d3ae9b78bc2c6a98c92477e2e99ebc4ef90be2b"
  }
  package "windows/arm64" {
    path   = "./registry/packages/hello-1.0.0.tar.gz"
    digest = "sha256:ea64c67638403e94842c5b3e0d3ae9b78bc2c6a98c92477e2e99ebc4ef90be2b"
  }
}
