package io.flotilla.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;

@AnalyzeClasses(packages = "io.flotilla.agent", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule jnrIsUsedInKernelOnly = noClasses()
            .that()
            .resideOutsideOfPackage("io.flotilla.agent.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..", "com.kenai.jffi..");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching("io.flotilla.agent.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule planHasNoInputOutputNorThreads = noClasses()
            .that()
            .resideInAPackage("io.flotilla.agent.plan..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io..",
                    "java.nio.file..",
                    "java.nio.channels..",
                    "java.net.http..",
                    "java.util.concurrent..",
                    "java.sql..",
                    "io.flotilla.agent.kernel..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule planTakesTimeAndRandomnessAsArguments = noClasses()
            .that()
            .resideInAPackage("io.flotilla.agent.plan..")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule agentKnowsNoSpringAndNoControlPlane = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "io.flotilla.controlplane..", "reactor..");
}
