package io.flotilla.controlplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;

/** The rules of the control plane's structure. */
@AnalyzeClasses(packages = "io.flotilla.controlplane", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.flotilla.controlplane.";

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.flotilla.controlplane.(*)..").should().beFreeOfCycles();

    /** The pages are rooms of their own: what several need is in {@code page}, {@code part}, {@code words} or {@code live}. */
    @ArchTest
    static final ArchRule roomsOfTheDashboardHaveNoCycles =
            slices().matching("io.flotilla.controlplane.ui.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theAgentIsNeverMet =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.flotilla.agent..");

    @ArchTest
    static final ArchRule schedulingIsPure = noClasses()
            .that()
            .resideInAPackage(ROOT + "schedule..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.springframework..",
                    "java.sql..",
                    "javax.sql..",
                    "java.io..",
                    "java.nio..",
                    "java.net..",
                    "java.util.concurrent..",
                    "reactor..",
                    "org.slf4j..")
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(java.util.UUID.class, "randomUUID")
            .orShould()
            .callMethod(Math.class, "random");

    @ArchTest
    static final ArchRule sqlStandsInStoresAndTheDatabasePackage = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "database..")
            .and()
            .haveSimpleNameNotEndingWith("Store")
            .and(new com.tngtech.archunit.base.DescribedPredicate<>("are not inside a Store") {
                @Override
                public boolean test(JavaClass type) {
                    return type.getEnclosingClass()
                            .map(outer -> !outer.getSimpleName().endsWith("Store"))
                            .orElse(true);
                }
            })
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.sql..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.springframework.jdbc.core.simple.JdbcClient");

    @ArchTest
    static final ArchRule pagesAndTheApiNeverTouchStores = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "ui..", ROOT + "api..")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameEndingWith("Store");

    @ArchTest
    static final ArchRule reactorStaysAtTheEdge = noClasses()
            .that()
            .resideOutsideOfPackages(
                    ROOT + "ui..",
                    ROOT + "api..",
                    ROOT + "dispatch..",
                    ROOT + "image..",
                    ROOT + "identity.web..",
                    ROOT + "listen..",
                    ROOT + "terminal..")
            // The guard asks Reactor whether the thread may block; the program makes the scheduler for the others.
            .and()
            .doNotHaveSimpleName("GuardedDataSource")
            .and()
            .doNotHaveSimpleName("ProgramConfiguration")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("reactor..");

    @ArchTest
    static final ArchRule nothingIsInjectedIntoFields =
            fields().should().notBeAnnotatedWith(Autowired.class).andShould().notBeAnnotatedWith(Value.class);
}
