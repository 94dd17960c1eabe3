package headwater.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The packages of a house, floor by floor from the ground up. A class may use its own package and those on lower floors;
 * packages on one floor do not know each other, and every package stands on a floor.
 */
final class Floors extends ArchCondition<JavaClass> {
    private final String house;
    private final Map<String, Integer> floors = new HashMap<>();

    private Floors(String house) {
        super("use packages on lower floors only");
        this.house = house;
    }

    /** @param house the prefix of its packages */
    static Floors of(String house) {
        return new Floors(house);
    }

    /** Adds a floor above the ones before. */
    Floors floor(String... packages) {
        int next = floors.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
        Arrays.stream(packages).forEach(name -> floors.put(name.isEmpty() ? house : house + "." + name, next));
        return this;
    }

    /** Adds a package of another house, below all floors. */
    Floors ground(List<String> packages) {
        packages.forEach(name -> floors.put(name, -1));
        return this;
    }

    @Override
    public void check(JavaClass one, ConditionEvents events) {
        Integer floor = floors.get(one.getPackageName());
        if (floor == null) {
            events.add(SimpleConditionEvent.violated(
                    one, one.getName() + " is in a package that stands on no floor: give it one here"));
            return;
        }
        for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
            JavaClass target = dependency.getTargetClass().getBaseComponentType();
            boolean known = target.getPackageName().startsWith("headwater");
            Integer below = floors.get(target.getPackageName());
            boolean same = target.getPackageName().equals(one.getPackageName());
            if (known && !same && (below == null || below >= floor)) {
                events.add(SimpleConditionEvent.violated(one, dependency.getDescription()));
            }
        }
    }
}
