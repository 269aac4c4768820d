package asset_test

// release is one of a project that people know, as far as its files differ in kind.
type release struct {
	project, version, likes string
	files, want             string
}

func releases() []release {
	return []release{
		{
			"GoCodeAlone/workflow-plugin-authz", "0.6.0", "authz workflow-plugin-authz",
			`checksums.txt workflow-plugin-authz-darwin-amd64.tar.gz workflow-plugin-authz-darwin-arm64.tar.gz
			 workflow-plugin-authz-linux-amd64.tar.gz workflow-plugin-authz-linux-arm64.tar.gz`,
			`darwin/amd64 workflow-plugin-authz-darwin-amd64.tar.gz
			 darwin/arm64 workflow-plugin-authz-darwin-arm64.tar.gz
			 linux/amd64 workflow-plugin-authz-linux-amd64.tar.gz
			 linux/arm64 workflow-plugin-authz-linux-arm64.tar.gz`,
		},
		{
			"cli/cli", "2.62.0", "gh cli",
			`gh_2.62.0_checksums.txt gh_2.62.0_linux_386.deb gh_2.62.0_linux_386.tar.gz gh_2.62.0_linux_amd64.deb gh_2.62.0_linux_amd64.rpm
			 gh_2.62.0_linux_amd64.tar.gz gh_2.62.0_linux_arm64.tar.gz gh_2.62.0_linux_armv6.tar.gz gh_2.62.0_macOS_amd64.zip
			 gh_2.62.0_macOS_arm64.zip gh_2.62.0_macOS_universal.pkg gh_2.62.0_windows_386.zip gh_2.62.0_windows_amd64.msi
			 gh_2.62.0_windows_amd64.zip gh_2.62.0_windows_arm64.zip`,
			`darwin/amd64 gh_2.62.0_macOS_amd64.zip
			 darwin/arm64 gh_2.62.0_macOS_arm64.zip
			 linux/386 gh_2.62.0_linux_386.tar.gz
			 linux/amd64 gh_2.62.0_linux_amd64.tar.gz
			 linux/arm gh_2.62.0_linux_armv6.tar.gz
			 linux/arm64 gh_2.62.0_linux_arm64.tar.gz
			 windows/386 gh_2.62.0_windows_386.zip
			 windows/amd64 gh_2.62.0_windows_amd64.zip
			 windows/arm64 gh_2.62.0_windows_arm64.zip`,
		},
		{
			"sharkdp/bat", "0.24.0", "bat",
			`bat-musl_0.24.0_amd64.deb bat-v0.24.0-aarch64-unknown-linux-gnu.tar.gz bat-v0.24.0-arm-unknown-linux-gnueabihf.tar.gz
			 bat-v0.24.0-arm-unknown-linux-musleabihf.tar.gz bat-v0.24.0-i686-pc-windows-msvc.zip bat-v0.24.0-i686-unknown-linux-gnu.tar.gz
			 bat-v0.24.0-i686-unknown-linux-musl.tar.gz bat-v0.24.0-x86_64-apple-darwin.tar.gz bat-v0.24.0-x86_64-pc-windows-gnu.zip
			 bat-v0.24.0-x86_64-pc-windows-msvc.zip bat-v0.24.0-x86_64-unknown-linux-gnu.tar.gz bat-v0.24.0-x86_64-unknown-linux-musl.tar.gz
			 bat_0.24.0_amd64.deb`,
			`darwin/amd64 bat-v0.24.0-x86_64-apple-darwin.tar.gz
			 linux/386 bat-v0.24.0-i686-unknown-linux-musl.tar.gz
			 linux/amd64 bat-v0.24.0-x86_64-unknown-linux-musl.tar.gz
			 linux/arm bat-v0.24.0-arm-unknown-linux-musleabihf.tar.gz
			 linux/arm64 bat-v0.24.0-aarch64-unknown-linux-gnu.tar.gz
			 windows/386 bat-v0.24.0-i686-pc-windows-msvc.zip
			 windows/amd64 bat-v0.24.0-x86_64-pc-windows-msvc.zip`,
		},
		{
			"BurntSushi/ripgrep", "14.1.1", "ripgrep",
			`ripgrep-14.1.1-aarch64-apple-darwin.tar.gz ripgrep-14.1.1-aarch64-apple-darwin.tar.gz.sha256 ripgrep-14.1.1-aarch64-unknown-linux-gnu.tar.gz
			 ripgrep-14.1.1-armv7-unknown-linux-gnueabihf.tar.gz ripgrep-14.1.1-armv7-unknown-linux-musleabi.tar.gz
			 ripgrep-14.1.1-armv7-unknown-linux-musleabihf.tar.gz ripgrep-14.1.1-i686-pc-windows-msvc.zip
			 ripgrep-14.1.1-s390x-unknown-linux-gnu.tar.gz ripgrep-14.1.1-x86_64-apple-darwin.tar.gz ripgrep-14.1.1-x86_64-pc-windows-gnu.zip
			 ripgrep-14.1.1-x86_64-pc-windows-msvc.zip ripgrep-14.1.1-x86_64-unknown-linux-musl.tar.gz ripgrep_14.1.1-1_amd64.deb`,
			`darwin/amd64 ripgrep-14.1.1-x86_64-apple-darwin.tar.gz
			 darwin/arm64 ripgrep-14.1.1-aarch64-apple-darwin.tar.gz
			 linux/amd64 ripgrep-14.1.1-x86_64-unknown-linux-musl.tar.gz
			 linux/arm ripgrep-14.1.1-armv7-unknown-linux-musleabi.tar.gz ripgrep-14.1.1-armv7-unknown-linux-musleabihf.tar.gz
			 linux/arm64 ripgrep-14.1.1-aarch64-unknown-linux-gnu.tar.gz
			 linux/s390x ripgrep-14.1.1-s390x-unknown-linux-gnu.tar.gz
			 windows/386 ripgrep-14.1.1-i686-pc-windows-msvc.zip
			 windows/amd64 ripgrep-14.1.1-x86_64-pc-windows-msvc.zip`,
		},
		{
			"junegunn/fzf", "0.56.3", "fzf",
			`fzf-0.56.3-android_arm64.tar.gz fzf-0.56.3-darwin_amd64.zip fzf-0.56.3-darwin_arm64.zip fzf-0.56.3-freebsd_amd64.tar.gz fzf-0.56.3-linux_amd64.tar.gz
			 fzf-0.56.3-linux_arm64.tar.gz fzf-0.56.3-linux_armv5.tar.gz fzf-0.56.3-linux_armv6.tar.gz fzf-0.56.3-linux_armv7.tar.gz
			 fzf-0.56.3-linux_loong64.tar.gz fzf-0.56.3-linux_ppc64le.tar.gz fzf-0.56.3-windows_amd64.zip fzf-0.56.3-windows_armv5.zip fzf_0.56.3_checksums.txt`,
			`android/arm64 fzf-0.56.3-android_arm64.tar.gz
			 darwin/amd64 fzf-0.56.3-darwin_amd64.zip
			 darwin/arm64 fzf-0.56.3-darwin_arm64.zip
			 freebsd/amd64 fzf-0.56.3-freebsd_amd64.tar.gz
			 linux/amd64 fzf-0.56.3-linux_amd64.tar.gz
			 linux/arm fzf-0.56.3-linux_armv6.tar.gz
			 linux/arm64 fzf-0.56.3-linux_arm64.tar.gz
			 linux/loong64 fzf-0.56.3-linux_loong64.tar.gz
			 linux/ppc64le fzf-0.56.3-linux_ppc64le.tar.gz
			 windows/amd64 fzf-0.56.3-windows_amd64.zip
			 windows/arm fzf-0.56.3-windows_armv5.zip`,
		},
		{
			"gohugoio/hugo", "0.139.0", "hugo",
			`hugo_0.139.0_checksums.txt hugo_0.139.0_darwin-universal.tar.gz hugo_0.139.0_Linux-64bit.tar.gz hugo_0.139.0_linux-arm64.tar.gz
			 hugo_0.139.0_dragonfly-amd64.tar.gz hugo_0.139.0_windows-amd64.zip hugo_extended_0.139.0_darwin-universal.tar.gz
			 hugo_extended_0.139.0_linux-amd64.tar.gz hugo_extended_0.139.0_windows-amd64.zip hugo_extended_withdeploy_0.139.0_linux-amd64.tar.gz`,
			`darwin/amd64 hugo_0.139.0_darwin-universal.tar.gz
			 darwin/arm64 hugo_0.139.0_darwin-universal.tar.gz
			 dragonfly/amd64 hugo_0.139.0_dragonfly-amd64.tar.gz
			 linux/amd64 hugo_0.139.0_Linux-64bit.tar.gz
			 linux/arm64 hugo_0.139.0_linux-arm64.tar.gz
			 windows/amd64 hugo_0.139.0_windows-amd64.zip`,
		},
		{
			"jesseduffield/lazygit", "0.44.1", "lazygit",
			`checksums.txt lazygit_0.44.1_Darwin_arm64.tar.gz lazygit_0.44.1_Darwin_x86_64.tar.gz lazygit_0.44.1_freebsd_32-bit.tar.gz lazygit_0.44.1_Linux_32-bit.tar.gz
			 lazygit_0.44.1_Linux_arm64.tar.gz lazygit_0.44.1_Linux_armv6.tar.gz lazygit_0.44.1_Linux_x86_64.tar.gz lazygit_0.44.1_Windows_x86_64.zip`,
			`darwin/amd64 lazygit_0.44.1_Darwin_x86_64.tar.gz
			 darwin/arm64 lazygit_0.44.1_Darwin_arm64.tar.gz
			 freebsd/386 lazygit_0.44.1_freebsd_32-bit.tar.gz
			 linux/386 lazygit_0.44.1_Linux_32-bit.tar.gz
			 linux/amd64 lazygit_0.44.1_Linux_x86_64.tar.gz
			 linux/arm lazygit_0.44.1_Linux_armv6.tar.gz
			 linux/arm64 lazygit_0.44.1_Linux_arm64.tar.gz
			 windows/amd64 lazygit_0.44.1_Windows_x86_64.zip`,
		},
		{
			"goreleaser/goreleaser", "2.4.8", "goreleaser",
			`checksums.txt checksums.txt.pem checksums.txt.sig goreleaser-2.4.8-1-aarch64.pkg.tar.zst goreleaser_Darwin_all.tar.gz goreleaser_Darwin_all.tar.gz.sbom.json
			 goreleaser_Darwin_arm64.tar.gz goreleaser_Darwin_x86_64.tar.gz goreleaser_Linux_arm64.tar.gz goreleaser_Linux_armv7.tar.gz goreleaser_Linux_i386.tar.gz
			 goreleaser_Linux_ppc64.tar.gz goreleaser_Linux_x86_64.tar.gz goreleaser_Windows_arm64.zip goreleaser_Windows_x86_64.zip`,
			`darwin/amd64 goreleaser_Darwin_x86_64.tar.gz
			 darwin/arm64 goreleaser_Darwin_arm64.tar.gz
			 linux/386 goreleaser_Linux_i386.tar.gz
			 linux/amd64 goreleaser_Linux_x86_64.tar.gz
			 linux/arm goreleaser_Linux_armv7.tar.gz
			 linux/arm64 goreleaser_Linux_arm64.tar.gz
			 linux/ppc64 goreleaser_Linux_ppc64.tar.gz
			 windows/amd64 goreleaser_Windows_x86_64.zip
			 windows/arm64 goreleaser_Windows_arm64.zip`,
		},
		{
			"prometheus/prometheus", "3.0.0", "prometheus",
			`prometheus-3.0.0.darwin-amd64.tar.gz prometheus-3.0.0.darwin-arm64.tar.gz prometheus-3.0.0.linux-386.tar.gz prometheus-3.0.0.linux-amd64.tar.gz
			 prometheus-3.0.0.linux-armv5.tar.gz prometheus-3.0.0.linux-armv6.tar.gz prometheus-3.0.0.linux-armv7.tar.gz prometheus-3.0.0.linux-mips64le.tar.gz
			 prometheus-3.0.0.linux-riscv64.tar.gz prometheus-3.0.0.netbsd-arm64.tar.gz prometheus-3.0.0.windows-amd64.zip prometheus-web-ui-3.0.0.tar.gz sha256sums.txt`,
			`darwin/amd64 prometheus-3.0.0.darwin-amd64.tar.gz
			 darwin/arm64 prometheus-3.0.0.darwin-arm64.tar.gz
			 linux/386 prometheus-3.0.0.linux-386.tar.gz
			 linux/amd64 prometheus-3.0.0.linux-amd64.tar.gz
			 linux/arm prometheus-3.0.0.linux-armv6.tar.gz
			 linux/mips64le prometheus-3.0.0.linux-mips64le.tar.gz
			 linux/riscv64 prometheus-3.0.0.linux-riscv64.tar.gz
			 netbsd/arm64 prometheus-3.0.0.netbsd-arm64.tar.gz
			 windows/amd64 prometheus-3.0.0.windows-amd64.zip
			 ? prometheus-web-ui-3.0.0.tar.gz`,
		},
		{
			"prometheus-community/windows_exporter", "0.25.1", "windows_exporter",
			`windows_exporter-0.25.1-amd64.msi windows_exporter-0.25.1-amd64.zip windows_exporter-0.25.1-arm64.zip sha256sums.txt`,
			`windows/amd64 windows_exporter-0.25.1-amd64.zip
			 windows/arm64 windows_exporter-0.25.1-arm64.zip`,
		},
		{
			"helix-editor/helix", "24.07", "helix",
			`helix-24.07-aarch64-linux.tar.xz helix-24.07-aarch64-macos.tar.xz helix-24.07-source.tar.xz helix-24.07-x86_64-linux.tar.xz
			 helix-24.07-x86_64-macos.tar.xz helix-24.07-x86_64-windows.zip helix-24.07-x86_64.AppImage`,
			`darwin/amd64 helix-24.07-x86_64-macos.tar.xz
			 darwin/arm64 helix-24.07-aarch64-macos.tar.xz
			 linux/amd64 helix-24.07-x86_64-linux.tar.xz
			 linux/arm64 helix-24.07-aarch64-linux.tar.xz
			 windows/amd64 helix-24.07-x86_64-windows.zip`,
		},
		{
			"neovim/neovim", "0.10.2", "nvim neovim",
			`nvim-linux64.tar.gz nvim-linux64.tar.gz.sha256sum nvim-macos-arm64.tar.gz nvim-macos-x86_64.tar.gz nvim-win64.msi nvim-win64.zip nvim.appimage`,
			`darwin/amd64 nvim-macos-x86_64.tar.gz
			 darwin/arm64 nvim-macos-arm64.tar.gz
			 linux/amd64 nvim-linux64.tar.gz
			 windows/amd64 nvim-win64.zip`,
		},
		{
			"protocolbuffers/protobuf", "28.3", "protoc protobuf",
			`protobuf-28.3.tar.gz protobuf-28.3.zip protoc-28.3-linux-aarch_64.zip protoc-28.3-linux-ppcle_64.zip protoc-28.3-linux-s390_64.zip
			 protoc-28.3-linux-x86_32.zip protoc-28.3-linux-x86_64.zip protoc-28.3-osx-aarch_64.zip protoc-28.3-osx-universal_binary.zip
			 protoc-28.3-osx-x86_64.zip protoc-28.3-win32.zip protoc-28.3-win64.zip`,
			`darwin/amd64 protoc-28.3-osx-x86_64.zip
			 darwin/arm64 protoc-28.3-osx-aarch_64.zip
			 linux/386 protoc-28.3-linux-x86_32.zip
			 linux/amd64 protoc-28.3-linux-x86_64.zip
			 linux/arm64 protoc-28.3-linux-aarch_64.zip
			 linux/ppc64le protoc-28.3-linux-ppcle_64.zip
			 linux/s390x protoc-28.3-linux-s390_64.zip
			 windows/386 protoc-28.3-win32.zip
			 windows/amd64 protoc-28.3-win64.zip
			 ? protobuf-28.3.tar.gz protobuf-28.3.zip`,
		},
		{
			"denoland/deno", "2.1.1", "deno",
			`deno-aarch64-apple-darwin.zip deno-aarch64-apple-darwin.zip.sha256sum deno-aarch64-unknown-linux-gnu.zip deno-x86_64-apple-darwin.zip
			 deno-x86_64-pc-windows-msvc.zip deno-x86_64-unknown-linux-gnu.zip deno_src.tar.gz denort-x86_64-unknown-linux-gnu.zip lib.deno.d.ts`,
			`darwin/amd64 deno-x86_64-apple-darwin.zip
			 darwin/arm64 deno-aarch64-apple-darwin.zip
			 linux/amd64 deno-x86_64-unknown-linux-gnu.zip
			 linux/arm64 deno-aarch64-unknown-linux-gnu.zip
			 windows/amd64 deno-x86_64-pc-windows-msvc.zip`,
		},
		{
			"oven-sh/bun", "1.1.36", "bun",
			`bun-darwin-aarch64-profile.zip bun-darwin-aarch64.zip bun-darwin-x64-baseline.zip bun-darwin-x64.zip bun-linux-aarch64-musl.zip bun-linux-aarch64.zip
			 bun-linux-x64-baseline.zip bun-linux-x64-musl.zip bun-linux-x64.zip bun-windows-x64.zip SHASUMS256.txt SHASUMS256.txt.asc`,
			`darwin/amd64 bun-darwin-x64.zip
			 darwin/arm64 bun-darwin-aarch64.zip
			 linux/amd64 bun-linux-x64.zip
			 linux/arm64 bun-linux-aarch64.zip
			 windows/amd64 bun-windows-x64.zip`,
		},
		{
			"astral-sh/uv", "0.5.4", "uv",
			`uv-aarch64-apple-darwin.tar.gz uv-aarch64-unknown-linux-gnu.tar.gz uv-aarch64-unknown-linux-musl.tar.gz uv-arm-unknown-linux-musleabihf.tar.gz
			 uv-armv7-unknown-linux-gnueabihf.tar.gz uv-armv7-unknown-linux-musleabihf.tar.gz uv-i686-pc-windows-msvc.zip uv-installer.sh
			 uv-powerpc64-unknown-linux-gnu.tar.gz uv-powerpc64le-unknown-linux-gnu.tar.gz uv-x86_64-apple-darwin.tar.gz
			 uv-x86_64-pc-windows-msvc.zip uv-x86_64-unknown-linux-gnu.tar.gz uv-x86_64-unknown-linux-musl.tar.gz source.tar.gz sha256.sum`,
			`darwin/amd64 uv-x86_64-apple-darwin.tar.gz
			 darwin/arm64 uv-aarch64-apple-darwin.tar.gz
			 linux/amd64 uv-x86_64-unknown-linux-musl.tar.gz
			 linux/arm uv-arm-unknown-linux-musleabihf.tar.gz
			 linux/arm64 uv-aarch64-unknown-linux-musl.tar.gz
			 linux/ppc64 uv-powerpc64-unknown-linux-gnu.tar.gz
			 linux/ppc64le uv-powerpc64le-unknown-linux-gnu.tar.gz
			 windows/386 uv-i686-pc-windows-msvc.zip
			 windows/amd64 uv-x86_64-pc-windows-msvc.zip`,
		},
		{
			"casey/just", "1.36.0", "just",
			`just-1.36.0-aarch64-apple-darwin.tar.gz just-1.36.0-aarch64-unknown-linux-musl.tar.gz just-1.36.0-arm-unknown-linux-musleabihf.tar.gz
			 just-1.36.0-loongarch64-unknown-linux-musl.tar.gz just-1.36.0-x86_64-apple-darwin.tar.gz just-1.36.0-x86_64-pc-windows-msvc.zip
			 just-1.36.0-x86_64-unknown-linux-musl.tar.gz SHA256SUMS`,
			`darwin/amd64 just-1.36.0-x86_64-apple-darwin.tar.gz
			 darwin/arm64 just-1.36.0-aarch64-apple-darwin.tar.gz
			 linux/amd64 just-1.36.0-x86_64-unknown-linux-musl.tar.gz
			 linux/arm just-1.36.0-arm-unknown-linux-musleabihf.tar.gz
			 linux/arm64 just-1.36.0-aarch64-unknown-linux-musl.tar.gz
			 linux/loong64 just-1.36.0-loongarch64-unknown-linux-musl.tar.gz
			 windows/amd64 just-1.36.0-x86_64-pc-windows-msvc.zip`,
		},
		{
			"caddyserver/caddy", "2.8.4", "caddy",
			`caddy_2.8.4_buildable-artifact.tar.gz caddy_2.8.4_checksums.txt caddy_2.8.4_freebsd_armv7.tar.gz caddy_2.8.4_linux_amd64.deb caddy_2.8.4_linux_amd64.tar.gz
			 caddy_2.8.4_linux_amd64.tar.gz.sig caddy_2.8.4_linux_armv5.tar.gz caddy_2.8.4_linux_armv7.tar.gz caddy_2.8.4_mac_amd64.tar.gz caddy_2.8.4_mac_arm64.tar.gz
			 caddy_2.8.4_src.tar.gz caddy_2.8.4_windows_amd64.zip`,
			`darwin/amd64 caddy_2.8.4_mac_amd64.tar.gz
			 darwin/arm64 caddy_2.8.4_mac_arm64.tar.gz
			 freebsd/arm caddy_2.8.4_freebsd_armv7.tar.gz
			 linux/amd64 caddy_2.8.4_linux_amd64.tar.gz
			 linux/arm caddy_2.8.4_linux_armv5.tar.gz
			 windows/amd64 caddy_2.8.4_windows_amd64.zip
			 ? caddy_2.8.4_buildable-artifact.tar.gz`,
		},
		{
			"rclone/rclone", "1.68.2", "rclone",
			`rclone-v1.68.2-freebsd-386.zip rclone-v1.68.2-linux-386.zip rclone-v1.68.2-linux-amd64.deb rclone-v1.68.2-linux-amd64.zip rclone-v1.68.2-linux-arm-v6.zip
			 rclone-v1.68.2-linux-arm-v7.zip rclone-v1.68.2-linux-arm.zip rclone-v1.68.2-linux-arm64.zip rclone-v1.68.2-linux-mipsle.zip rclone-v1.68.2-osx-amd64.zip
			 rclone-v1.68.2-osx-arm64.zip rclone-v1.68.2-plan9-amd64.zip rclone-v1.68.2-solaris-amd64.zip rclone-v1.68.2-vendor.tar.gz rclone-v1.68.2-windows-386.zip
			 rclone-v1.68.2.tar.gz SHA256SUMS`,
			`darwin/amd64 rclone-v1.68.2-osx-amd64.zip
			 darwin/arm64 rclone-v1.68.2-osx-arm64.zip
			 freebsd/386 rclone-v1.68.2-freebsd-386.zip
			 linux/386 rclone-v1.68.2-linux-386.zip
			 linux/amd64 rclone-v1.68.2-linux-amd64.zip
			 linux/arm rclone-v1.68.2-linux-arm-v6.zip
			 linux/arm64 rclone-v1.68.2-linux-arm64.zip
			 linux/mipsle rclone-v1.68.2-linux-mipsle.zip
			 plan9/amd64 rclone-v1.68.2-plan9-amd64.zip
			 solaris/amd64 rclone-v1.68.2-solaris-amd64.zip
			 windows/386 rclone-v1.68.2-windows-386.zip
			 ? rclone-v1.68.2.tar.gz`,
		},
		{
			"starship/starship", "1.21.1", "starship",
			`starship-aarch64-apple-darwin.pkg starship-aarch64-apple-darwin.tar.gz starship-aarch64-pc-windows-msvc.zip starship-aarch64-unknown-linux-musl.tar.gz
			 starship-i686-unknown-linux-musl.tar.gz starship-x86_64-pc-windows-msvc.msi starship-x86_64-pc-windows-msvc.zip starship-x86_64-unknown-freebsd.tar.gz
			 starship-x86_64-unknown-linux-gnu.tar.gz starship-x86_64-unknown-linux-musl.tar.gz`,
			`darwin/arm64 starship-aarch64-apple-darwin.tar.gz
			 freebsd/amd64 starship-x86_64-unknown-freebsd.tar.gz
			 linux/386 starship-i686-unknown-linux-musl.tar.gz
			 linux/amd64 starship-x86_64-unknown-linux-musl.tar.gz
			 linux/arm64 starship-aarch64-unknown-linux-musl.tar.gz
			 windows/amd64 starship-x86_64-pc-windows-msvc.zip
			 windows/arm64 starship-aarch64-pc-windows-msvc.zip`,
		},
		{
			"containerd/containerd", "2.0.0", "containerd",
			`containerd-2.0.0-attestation.intoto.jsonl containerd-2.0.0-linux-amd64.tar.gz containerd-2.0.0-linux-amd64.tar.gz.sha256sum containerd-2.0.0-windows-amd64.tar.gz
			 containerd-static-2.0.0-linux-amd64.tar.gz containerd-static-2.0.0-linux-arm64.tar.gz cri-containerd-2.0.0-linux-amd64.tar.gz`,
			`linux/amd64 containerd-2.0.0-linux-amd64.tar.gz
			 linux/arm64 containerd-static-2.0.0-linux-arm64.tar.gz
			 windows/amd64 containerd-2.0.0-windows-amd64.tar.gz`,
		},
		{
			"etcd-io/etcd", "3.5.17", "etcd",
			`etcd-v3.5.17-darwin-amd64.zip etcd-v3.5.17-darwin-arm64.zip etcd-v3.5.17-linux-amd64.tar.gz etcd-v3.5.17-linux-ppc64le.tar.gz
			 etcd-v3.5.17-linux-s390x.tar.gz etcd-v3.5.17-windows-amd64.zip SHA256SUMS`,
			`darwin/amd64 etcd-v3.5.17-darwin-amd64.zip
			 darwin/arm64 etcd-v3.5.17-darwin-arm64.zip
			 linux/amd64 etcd-v3.5.17-linux-amd64.tar.gz
			 linux/ppc64le etcd-v3.5.17-linux-ppc64le.tar.gz
			 linux/s390x etcd-v3.5.17-linux-s390x.tar.gz
			 windows/amd64 etcd-v3.5.17-windows-amd64.zip`,
		},
		{
			"VictoriaMetrics/VictoriaMetrics", "1.106.0", "victoria-metrics victoriametrics",
			`victoria-metrics-darwin-arm64-v1.106.0.tar.gz victoria-metrics-linux-386-v1.106.0.tar.gz victoria-metrics-linux-amd64-v1.106.0-cluster.tar.gz
			 victoria-metrics-linux-amd64-v1.106.0-enterprise.tar.gz victoria-metrics-linux-amd64-v1.106.0.tar.gz vmutils-linux-amd64-v1.106.0.tar.gz
			 vmutils-linux-arm-v1.106.0.tar.gz`,
			`darwin/arm64 victoria-metrics-darwin-arm64-v1.106.0.tar.gz
			 linux/386 victoria-metrics-linux-386-v1.106.0.tar.gz
			 linux/amd64 victoria-metrics-linux-amd64-v1.106.0.tar.gz`,
		},
		{
			"traefik/traefik", "3.2.1", "traefik",
			`traefik-v3.2.1.src.tar.gz traefik_v3.2.1_checksums.txt traefik_v3.2.1_darwin_amd64.tar.gz traefik_v3.2.1_linux_amd64.tar.gz traefik_v3.2.1_linux_armv6.tar.gz
			 traefik_v3.2.1_linux_armv7.tar.gz traefik_v3.2.1_openbsd_386.tar.gz traefik_v3.2.1_windows_arm64.zip`,
			`darwin/amd64 traefik_v3.2.1_darwin_amd64.tar.gz
			 linux/amd64 traefik_v3.2.1_linux_amd64.tar.gz
			 linux/arm traefik_v3.2.1_linux_armv6.tar.gz
			 openbsd/386 traefik_v3.2.1_openbsd_386.tar.gz
			 windows/arm64 traefik_v3.2.1_windows_arm64.zip`,
		},
		{
			"open-telemetry/opentelemetry-collector-releases", "0.114.0", "otelcol opentelemetry-collector-releases",
			`otelcol-contrib_0.114.0_linux_amd64.tar.gz otelcol-k8s_0.114.0_linux_amd64.tar.gz otelcol_0.114.0_darwin_arm64.tar.gz otelcol_0.114.0_linux_386.tar.gz
			 otelcol_0.114.0_linux_amd64.deb otelcol_0.114.0_linux_amd64.tar.gz otelcol_0.114.0_linux_amd64.tar.gz.sbom otelcol_0.114.0_windows_x64.msi
			 otelcol_0.114.0_windows_amd64.tar.gz`,
			`darwin/arm64 otelcol_0.114.0_darwin_arm64.tar.gz
			 linux/386 otelcol_0.114.0_linux_386.tar.gz
			 linux/amd64 otelcol_0.114.0_linux_amd64.tar.gz
			 windows/amd64 otelcol_0.114.0_windows_amd64.tar.gz`,
		},
		{
			"a program of that release that is not asked for", "0.114.0", "collector",
			`otelcol-contrib_0.114.0_linux_amd64.tar.gz otelcol_0.114.0_linux_amd64.tar.gz`,
			`linux/amd64 otelcol-contrib_0.114.0_linux_amd64.tar.gz otelcol_0.114.0_linux_amd64.tar.gz`,
		},
		{
			"nushell/nushell", "0.100.0", "nu nushell",
			`nu-0.100.0-aarch64-apple-darwin.tar.gz nu-0.100.0-aarch64-unknown-linux-gnu.tar.gz nu-0.100.0-aarch64-unknown-linux-musl.tar.gz
			 nu-0.100.0-armv7-unknown-linux-gnueabihf.tar.gz nu-0.100.0-loongarch64-unknown-linux-gnu.tar.gz nu-0.100.0-riscv64gc-unknown-linux-gnu.tar.gz
			 nu-0.100.0-x86_64-pc-windows-msvc.msi nu-0.100.0-x86_64-pc-windows-msvc.zip nu-0.100.0-x86_64-unknown-linux-musl.tar.gz SHA256SUMS`,
			`darwin/arm64 nu-0.100.0-aarch64-apple-darwin.tar.gz
			 linux/amd64 nu-0.100.0-x86_64-unknown-linux-musl.tar.gz
			 linux/arm nu-0.100.0-armv7-unknown-linux-gnueabihf.tar.gz
			 linux/arm64 nu-0.100.0-aarch64-unknown-linux-musl.tar.gz
			 linux/loong64 nu-0.100.0-loongarch64-unknown-linux-gnu.tar.gz
			 linux/riscv64 nu-0.100.0-riscv64gc-unknown-linux-gnu.tar.gz
			 windows/amd64 nu-0.100.0-x86_64-pc-windows-msvc.zip`,
		},
		{
			"PowerShell/PowerShell", "7.4.6", "powershell",
			`hashes.sha256 powershell-7.4.6-linux-arm32.tar.gz powershell-7.4.6-linux-arm64.tar.gz powershell-7.4.6-linux-musl-x64.tar.gz
			 powershell-7.4.6-linux-x64-fxdependent.tar.gz powershell-7.4.6-linux-x64-musl-noopt-fxdependent.tar.gz powershell-7.4.6-linux-x64.tar.gz
			 powershell-7.4.6-osx-arm64.pkg powershell-7.4.6-osx-arm64.tar.gz powershell-7.4.6-osx-x64.tar.gz PowerShell-7.4.6-win-arm64.zip
			 PowerShell-7.4.6-win-x64.msi PowerShell-7.4.6-win-x64.zip PowerShell-7.4.6-win-x86.zip`,
			`darwin/amd64 powershell-7.4.6-osx-x64.tar.gz
			 darwin/arm64 powershell-7.4.6-osx-arm64.tar.gz
			 linux/amd64 powershell-7.4.6-linux-x64.tar.gz
			 linux/arm powershell-7.4.6-linux-arm32.tar.gz
			 linux/arm64 powershell-7.4.6-linux-arm64.tar.gz
			 windows/386 PowerShell-7.4.6-win-x86.zip
			 windows/amd64 PowerShell-7.4.6-win-x64.zip
			 windows/arm64 PowerShell-7.4.6-win-arm64.zip`,
		},
		{
			"actions/runner", "2.321.0", "runner actions-runner",
			`actions-runner-linux-arm-2.321.0.tar.gz actions-runner-linux-arm64-2.321.0.tar.gz actions-runner-linux-x64-2.321.0.tar.gz
			 actions-runner-osx-arm64-2.321.0.tar.gz actions-runner-osx-x64-2.321.0.tar.gz actions-runner-win-x64-2.321.0.zip`,
			`darwin/amd64 actions-runner-osx-x64-2.321.0.tar.gz
			 darwin/arm64 actions-runner-osx-arm64-2.321.0.tar.gz
			 linux/amd64 actions-runner-linux-x64-2.321.0.tar.gz
			 linux/arm actions-runner-linux-arm-2.321.0.tar.gz
			 linux/arm64 actions-runner-linux-arm64-2.321.0.tar.gz
			 windows/amd64 actions-runner-win-x64-2.321.0.zip`,
		},
		{
			"LuaLS/lua-language-server", "3.13.2", "lua-language-server",
			`lua-language-server-3.13.2-darwin-arm64.tar.gz lua-language-server-3.13.2-darwin-x64.tar.gz lua-language-server-3.13.2-linux-arm64.tar.gz
			 lua-language-server-3.13.2-linux-x64-musl.tar.gz lua-language-server-3.13.2-linux-x64.tar.gz lua-language-server-3.13.2-submodules.zip
			 lua-language-server-3.13.2-win32-ia32.zip lua-language-server-3.13.2-win32-x64.zip`,
			`darwin/amd64 lua-language-server-3.13.2-darwin-x64.tar.gz
			 darwin/arm64 lua-language-server-3.13.2-darwin-arm64.tar.gz
			 linux/amd64 lua-language-server-3.13.2-linux-x64.tar.gz
			 linux/arm64 lua-language-server-3.13.2-linux-arm64.tar.gz
			 windows/386 lua-language-server-3.13.2-win32-ia32.zip
			 windows/amd64 lua-language-server-3.13.2-win32-x64.zip
			 ? lua-language-server-3.13.2-submodules.zip`,
		},
		{
			"clangd/clangd", "19.1.2", "clangd",
			`clangd-debug-symbols-linux-19.1.2.zip clangd-linux-19.1.2.zip clangd-mac-19.1.2.zip clangd-windows-19.1.2.zip clangd_indexing_tools-linux-19.1.2.zip`,
			`darwin/amd64 clangd-mac-19.1.2.zip
			 darwin/arm64 clangd-mac-19.1.2.zip
			 linux/amd64 clangd-linux-19.1.2.zip
			 windows/amd64 clangd-windows-19.1.2.zip`,
		},
		{
			"upx/upx", "4.2.4", "upx",
			`upx-4.2.4-amd64_linux.tar.xz upx-4.2.4-arm64_linux.tar.xz upx-4.2.4-armeb_linux.tar.xz upx-4.2.4-arm_linux.tar.xz upx-4.2.4-dos.zip upx-4.2.4-i386_linux.tar.xz
			 upx-4.2.4-mipsel_linux.tar.xz upx-4.2.4-powerpc64le_linux.tar.xz upx-4.2.4-src.tar.xz upx-4.2.4-win32.zip upx-4.2.4-win64.zip`,
			`linux/386 upx-4.2.4-i386_linux.tar.xz
			 linux/amd64 upx-4.2.4-amd64_linux.tar.xz
			 linux/arm upx-4.2.4-arm_linux.tar.xz
			 linux/arm64 upx-4.2.4-arm64_linux.tar.xz
			 linux/mipsle upx-4.2.4-mipsel_linux.tar.xz
			 linux/ppc64le upx-4.2.4-powerpc64le_linux.tar.xz
			 windows/386 upx-4.2.4-win32.zip
			 windows/amd64 upx-4.2.4-win64.zip
			 ? upx-4.2.4-dos.zip`,
		},
		{
			"watchexec/watchexec", "2.2.0", "watchexec",
			`B3SUMS SHA256SUMS watchexec-2.2.0-aarch64-apple-darwin.tar.xz watchexec-2.2.0-aarch64-unknown-linux-gnu.deb watchexec-2.2.0-x86_64-unknown-linux-gnu.tar.xz
			 watchexec-2.2.0-x86_64-unknown-linux-musl.tar.xz watchexec-2.2.0-x86_64-pc-windows-msvc.zip watchexec-2.2.0-x86_64-apple-darwin.tar.xz`,
			`darwin/amd64 watchexec-2.2.0-x86_64-apple-darwin.tar.xz
			 darwin/arm64 watchexec-2.2.0-aarch64-apple-darwin.tar.xz
			 linux/amd64 watchexec-2.2.0-x86_64-unknown-linux-musl.tar.xz
			 windows/amd64 watchexec-2.2.0-x86_64-pc-windows-msvc.zip`,
		},
		{
			"zellij-org/zellij", "0.41.2", "zellij",
			`zellij-aarch64-apple-darwin.sha256sum zellij-aarch64-apple-darwin.tar.gz zellij-aarch64-unknown-linux-musl.tar.gz zellij-x86_64-apple-darwin.tar.gz
			 zellij-x86_64-unknown-linux-musl.tar.gz`,
			`darwin/amd64 zellij-x86_64-apple-darwin.tar.gz
			 darwin/arm64 zellij-aarch64-apple-darwin.tar.gz
			 linux/amd64 zellij-x86_64-unknown-linux-musl.tar.gz
			 linux/arm64 zellij-aarch64-unknown-linux-musl.tar.gz`,
		},
		{
			"go-task/task", "3.40.0", "task",
			`task_3.40.0_linux_386.deb task_checksums.txt task_darwin_amd64.tar.gz task_darwin_arm64.tar.gz task_freebsd_386.tar.gz task_linux_amd64.tar.gz
			 task_linux_arm.tar.gz task_linux_arm64.tar.gz task_windows_386.zip task_windows_amd64.zip`,
			`darwin/amd64 task_darwin_amd64.tar.gz
			 darwin/arm64 task_darwin_arm64.tar.gz
			 freebsd/386 task_freebsd_386.tar.gz
			 linux/amd64 task_linux_amd64.tar.gz
			 linux/arm task_linux_arm.tar.gz
			 linux/arm64 task_linux_arm64.tar.gz
			 windows/386 task_windows_386.zip
			 windows/amd64 task_windows_amd64.zip`,
		},
		{
			"nektos/act", "0.2.69", "act",
			`act_Darwin_arm64.tar.gz act_Darwin_x86_64.tar.gz act_Linux_arm64.tar.gz act_Linux_armv6.tar.gz act_Linux_armv7.tar.gz act_Linux_i386.tar.gz act_Linux_riscv64.tar.gz
			 act_Linux_x86_64.tar.gz act_Windows_x86_64.zip checksums.txt`,
			`darwin/amd64 act_Darwin_x86_64.tar.gz
			 darwin/arm64 act_Darwin_arm64.tar.gz
			 linux/386 act_Linux_i386.tar.gz
			 linux/amd64 act_Linux_x86_64.tar.gz
			 linux/arm act_Linux_armv6.tar.gz
			 linux/arm64 act_Linux_arm64.tar.gz
			 linux/riscv64 act_Linux_riscv64.tar.gz
			 windows/amd64 act_Windows_x86_64.zip`,
		},
		{
			"mozilla/sccache", "0.8.2", "sccache",
			`sccache-dist-v0.8.2-x86_64-unknown-linux-musl.tar.gz sccache-v0.8.2-aarch64-apple-darwin.tar.gz sccache-v0.8.2-armv7-unknown-linux-musleabi.tar.gz
			 sccache-v0.8.2-i686-unknown-linux-musl.tar.gz sccache-v0.8.2-x86_64-pc-windows-msvc.tar.gz sccache-v0.8.2-x86_64-pc-windows-msvc.zip
			 sccache-v0.8.2-x86_64-unknown-linux-musl.tar.gz sccache-v0.8.2-x86_64-unknown-linux-musl.tar.gz.sha256`,
			`darwin/arm64 sccache-v0.8.2-aarch64-apple-darwin.tar.gz
			 linux/386 sccache-v0.8.2-i686-unknown-linux-musl.tar.gz
			 linux/amd64 sccache-v0.8.2-x86_64-unknown-linux-musl.tar.gz
			 linux/arm sccache-v0.8.2-armv7-unknown-linux-musleabi.tar.gz
			 windows/amd64 sccache-v0.8.2-x86_64-pc-windows-msvc.tar.gz`,
		},
		{
			"ninja-build/ninja", "1.12.1", "ninja",
			`ninja-linux-aarch64.zip ninja-linux.zip ninja-mac.zip ninja-win.zip ninja-winarm64.zip`,
			`darwin/amd64 ninja-mac.zip
			 darwin/arm64 ninja-mac.zip
			 linux/amd64 ninja-linux.zip
			 linux/arm64 ninja-linux-aarch64.zip
			 windows/amd64 ninja-win.zip
			 windows/arm64 ninja-winarm64.zip`,
		},
		{
			"Kitware/CMake", "3.31.0", "cmake",
			`cmake-3.31.0-files-v1.json cmake-3.31.0-linux-aarch64.tar.gz cmake-3.31.0-linux-x86_64.tar.gz cmake-3.31.0-macos-universal.tar.gz
			 cmake-3.31.0-macos10.10-universal.dmg cmake-3.31.0-macos10.10-universal.tar.gz cmake-3.31.0-windows-i386.zip cmake-3.31.0-windows-x86_64.zip
			 cmake-3.31.0.tar.gz cmake-3.31.0.zip`,
			`darwin/amd64 cmake-3.31.0-macos-universal.tar.gz cmake-3.31.0-macos10.10-universal.tar.gz
			 darwin/arm64 cmake-3.31.0-macos-universal.tar.gz cmake-3.31.0-macos10.10-universal.tar.gz
			 linux/amd64 cmake-3.31.0-linux-x86_64.tar.gz
			 linux/arm64 cmake-3.31.0-linux-aarch64.tar.gz
			 windows/386 cmake-3.31.0-windows-i386.zip
			 windows/amd64 cmake-3.31.0-windows-x86_64.zip
			 ? cmake-3.31.0.tar.gz cmake-3.31.0.zip`,
		},
		{
			"koalaman/shellcheck", "0.10.0", "shellcheck",
			`shellcheck-v0.10.0.darwin.aarch64.tar.xz shellcheck-v0.10.0.darwin.x86_64.tar.xz shellcheck-v0.10.0.linux.aarch64.tar.xz
			 shellcheck-v0.10.0.linux.armv6hf.tar.xz shellcheck-v0.10.0.linux.riscv64.tar.xz shellcheck-v0.10.0.linux.x86_64.tar.xz shellcheck-v0.10.0.zip`,
			`darwin/amd64 shellcheck-v0.10.0.darwin.x86_64.tar.xz
			 darwin/arm64 shellcheck-v0.10.0.darwin.aarch64.tar.xz
			 linux/amd64 shellcheck-v0.10.0.linux.x86_64.tar.xz
			 linux/arm shellcheck-v0.10.0.linux.armv6hf.tar.xz
			 linux/arm64 shellcheck-v0.10.0.linux.aarch64.tar.xz
			 linux/riscv64 shellcheck-v0.10.0.linux.riscv64.tar.xz
			 ? shellcheck-v0.10.0.zip`,
		},
		{
			"a package without words", "1.2.0", "banner workflow-plugin-banner",
			`checksums.txt workflow-plugin-banner-1.2.0.tar.gz workflow-plugin-banner-1.2.0.tar.gz.minisig`,
			`any workflow-plugin-banner-1.2.0.tar.gz`,
		},
		{
			"several packages without words", "1.2.0", "banner",
			`banner.tar.gz banner.zip themes.tar.gz`,
			`any banner.tar.gz`,
		},
		{
			"two programs without words", "1.2.0", "banner",
			`flags.tar.gz themes.tar.gz`,
			`any flags.tar.gz themes.tar.gz`,
		},
		{
			"a Mac's both beside one of each", "1", "tool",
			`tool-darwin-arm64.tar.gz tool-darwin-universal2.tar.gz`,
			`darwin/amd64 tool-darwin-universal2.tar.gz
			 darwin/arm64 tool-darwin-arm64.tar.gz`,
		},
		{
			"both in two words", "1", "tool",
			`tool-macos-x86_64-arm64.zip`,
			`darwin/amd64 tool-macos-x86_64-arm64.zip
			 darwin/arm64 tool-macos-x86_64-arm64.zip`,
		},
		{
			"newer processors", "1", "tool",
			`tool_linux_amd64_v1.tar.gz tool_linux_amd64_v3.tar.gz`,
			`linux/amd64 tool_linux_amd64_v1.tar.gz`,
		},
		{
			"a name that is a system's", "1", "linux-audit",
			`linux-audit_darwin_arm64.tar.gz linux-audit_linux_arm64.tar.gz linux-audit_windows_amd64.zip`,
			`darwin/arm64 linux-audit_darwin_arm64.tar.gz
			 linux/arm64 linux-audit_linux_arm64.tar.gz
			 windows/amd64 linux-audit_windows_amd64.zip`,
		},
		{
			"a name that is a word of what lies aside", "1", "docs",
			`docs-linux-amd64.tar.gz docs-src.tar.gz`,
			`linux/amd64 docs-linux-amd64.tar.gz`,
		},
		{
			"nothing to unpack", "1", "kind",
			`kind-darwin-amd64 kind-linux-amd64 kind-linux-amd64.sha256sum kind-windows-amd64`,
			``,
		},
	}
}
