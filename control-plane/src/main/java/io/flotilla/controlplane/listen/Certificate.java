package io.flotilla.controlplane.listen;

import io.flotilla.controlplane.database.Directories;
import io.flotilla.controlplane.database.PrivateFile;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate chain and its key, both in PEM. */
record Certificate(Path chain, Path key) {

    private static final Duration LIFE = Duration.ofDays(730);
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    /**
     * The certificate that this installation signed for itself: made at the first start and again when it is about to
     * expire. Nodes are told its key (see {@link TlsKeys}); browsers ask once.
     */
    static Certificate own(Path directory, String host) throws IOException {
        Directories.ensure(directory, "rwx------");
        Certificate kept = new Certificate(directory.resolve("certificate.pem"), directory.resolve("key.pem"));
        if (!kept.usable()) {
            kept.make(host);
        }
        return kept;
    }

    private boolean usable() throws IOException {
        if (!Files.exists(chain) || !Files.exists(key)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(chain)) {
            X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            return certificate.getNotAfter().toInstant().isAfter(Instant.now().plus(RENEW_BEFORE));
        } catch (GeneralSecurityException e) {
            throw new IOException("read " + chain + ": " + e.getMessage(), e);
        }
    }

    private void make(String host) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            Instant now = Instant.now();
            X500Name name = new X500Name("CN=Flotilla control plane");
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(120, new SecureRandom()),
                    Date.from(now.minus(Duration.ofMinutes(5))),
                    Date.from(now.plus(LIFE)),
                    name,
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.subjectAlternativeName, false, names(host));
            var holder = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
            PrivateFile.write(key, pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
            PrivateFile.write(chain, pem(holder));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("make a certificate: " + e.getMessage(), e);
        }
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    /** Every name and address by which this machine may be called. */
    private static GeneralNames names(String host) throws IOException {
        Set<String> addresses = new LinkedHashSet<>(List.of("127.0.0.1", "::1"));
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            network.inetAddresses()
                    .map(InetAddress::getHostAddress)
                    .forEach(address -> addresses.add(withoutZone(address)));
        }
        Set<String> names = new LinkedHashSet<>(List.of("localhost"));
        names.add(InetAddress.getLocalHost().getHostName());
        boolean literal = host.contains(":") || host.matches("[0-9.]+");
        (literal ? addresses : names).add(withoutZone(host));
        List<GeneralName> all = new ArrayList<>();
        names.forEach(name -> all.add(new GeneralName(GeneralName.dNSName, name)));
        addresses.forEach(address -> all.add(new GeneralName(GeneralName.iPAddress, address)));
        return new GeneralNames(all.toArray(GeneralName[]::new));
    }

    private static String withoutZone(String address) {
        int percent = address.indexOf('%');
        return percent < 0 ? address : address.substring(0, percent);
    }

    SslContext context() {
        try {
            return SslContextBuilder.forServer(chain.toFile(), key.toFile())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the certificate " + chain + " with the key " + key + " cannot be used: " + e.getMessage(), e);
        }
    }
}
