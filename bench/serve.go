package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"time"
)

// server serves static files on loopback.
type server struct {
	url   string
	close func() error
}

// serve starts a server of what is below root, which waits that long before it answers
// a request. With a certificate it speaks TLS, and so HTTP/2 with whoever can.
func serve(root string, latency time.Duration, certificate *tls.Certificate) (*server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	files := http.FileServer(http.Dir(root))
	s := &http.Server{
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(latency)
			files.ServeHTTP(w, r)
		}),
	}
	scheme := "http://"
	if certificate == nil {
		go func() { _ = s.Serve(listener) }()
	} else {
		scheme = "https://"
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		go func() { _ = s.ServeTLS(listener, "", "") }()
	}
	return &server{url: scheme + listener.Addr().String(), close: s.Close}, nil
}

// newCertificate makes a certificate for loopback, which is its own authority, and
// returns it also as the file that SSL_CERT_FILE is to name.
func newCertificate() (*tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	file := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if file == nil {
		return nil, nil, errors.New("the certificate cannot be written")
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file, nil
}
