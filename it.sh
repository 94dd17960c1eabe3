#!/bin/bash
# usage: it.sh TestName
cd /work/wt/capture
mvn -o -q -B -pl lake,capture spotless:apply 2>&1 | tail -5
(time mvn -o -B -q -pl lake,capture -Dtest=NoneTest -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=$1 -Dfailsafe.failIfNoSpecifiedTests=false verify) > /tmp/it.log 2>&1
grep -v "INFO\|^$\|	at \|^\s*at " /tmp/it.log | cut -c1-600 | head -${2:-60}
grep -h "<testcase" capture/target/failsafe-reports/*.xml | grep -o 'name="[^"]*".*time="[^"]*"' | sed 's/classname="[^"]*"//'
