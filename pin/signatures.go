package pin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// signatureSuffix is what minisign puts behind the name of a signed file.
const signatureSuffix = ".minisig"

// maxChecksums bounds a list of checksums, in bytes.
const maxChecksums = 1 << 20

// checkSignatures makes sure that every package is signed by the key that the
// configuration names, and returns the identity to lock. A plugin that was locked
// with a signature is not locked without one.
func (p *pinner) checkSignatures(ctx context.Context, pkgs []plugin.Package) (signer string, err error) {
	switch {
	case p.r.Verify.Key != "":
	case p.previous.SignedBy != "":
		return "", &plugin.SignatureError{Reason: fmt.Sprintf(
			"it is locked with a signature by %s, and nothing says any more how to verify one", p.previous.SignedBy)}
	case p.RequireSignature:
		return "", &plugin.SignatureError{Reason: "the policy requires a signature, and no verify block names a minisign key for it"}
	default:
		return "", nil
	}
	key, err := trust.ParseKey(p.r.Verify.Key)
	if err != nil {
		return "", err
	}
	return lock.SignerOf(p.r.Verify.Key), parallel.Each(len(pkgs), 0, func(i int) error {
		return p.checkSignature(ctx, key, &pkgs[i])
	})
}

// checkSignature looks for the signature of a package, else for a list of
// checksums that is signed and names it.
func (p *pinner) checkSignature(ctx context.Context, key trust.Key, pkg *plugin.Package) error {
	if (p.gone != nil || p.lost || p.Offline) && p.isKept(*pkg) && p.previous.SignedBy == lock.SignerOf(p.r.Verify.Key) {
		return nil // verified when it was locked, and out of reach now
	}
	if p.r.Source.Kind.Local() {
		if err := p.digestLocal(ctx, pkg); err != nil {
			return err
		}
	}
	address := p.address(pkg.Location())
	signature, err := p.Access.Document(ctx, address+signatureSuffix, trust.MaxSignature)
	if errors.Is(err, fs.ErrNotExist) {
		return p.checkChecksums(ctx, key, *pkg, address)
	}
	if err != nil {
		return err
	}
	err = p.Access.Read(ctx, p.r, *pkg, func(r io.Reader) error { return key.Verify(r, signature) })
	return refusedAt(pkg.Shown(), err)
}

// digestLocal finds the digest of a local archive; a folder cannot be signed.
func (p *pinner) digestLocal(ctx context.Context, pkg *plugin.Package) error {
	info, err := os.Stat(p.Access.Abs(pkg.Path))
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &plugin.SignatureError{Where: pkg.Path, Reason: "a folder cannot be signed, and its verify block demands it"}
	}
	pkg.Digest, err = p.Access.Digest(ctx, p.r, *pkg)
	return err
}

func (p *pinner) checkChecksums(ctx context.Context, key trust.Key, pkg plugin.Package, address string) error {
	folder, name := address[:strings.LastIndex(address, "/")+1], path.Base(address)
	for _, list := range trust.ChecksumFiles() {
		signature, err := p.Access.Document(ctx, folder+list+signatureSuffix, trust.MaxSignature)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		sums, err := p.Access.Document(ctx, folder+list, maxChecksums)
		if err != nil {
			return err
		}
		if err := key.Verify(strings.NewReader(string(sums)), signature); err != nil {
			return refusedAt(plugin.RedactURL(folder+list), err)
		}
		switch digest := trust.Checksum(sums, name); digest {
		case pkg.Digest:
			return nil
		case "":
			return &plugin.SignatureError{Where: pkg.Shown(), Reason: "the signed " + list + " does not name it"}
		default:
			return &plugin.DigestError{Where: pkg.Shown() + " (by the signed " + list + ")", Want: digest, Got: pkg.Digest}
		}
	}
	return &plugin.SignatureError{Where: pkg.Shown(), Reason: "it is not signed: there is neither " + plugin.RedactURL(name) + signatureSuffix +
		" nor a signed " + strings.Join(trust.ChecksumFiles(), " or ") + " beside it"}
}

// refusedAt makes a refusal one that says where.
func refusedAt(where string, err error) error {
	var refused *plugin.RefusedError
	if errors.As(err, &refused) {
		return &plugin.SignatureError{Where: where, Reason: refused.Rule}
	}
	return err
}

// address is what to fetch a package's neighbours by.
func (p *pinner) address(location string) string {
	if strings.Contains(location, "://") {
		return location
	}
	return p.Access.Abs(location)
}
