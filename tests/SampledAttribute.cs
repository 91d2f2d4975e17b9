using System.Collections;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;

namespace GanFromScratch.Tests;

/// <summary>
/// Leaves one of so many combinations of the parameters' values in the suite, the first among them. The others are exhaustive: `.ci/run`
/// runs them, which sets `GAN_WHOLE_SUITE=1`.
/// </summary>
/// <param name="oneOf">The number of cases that one stands for.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampledAttribute(int oneOf)
    : CombiningStrategyAttribute(new Strategy(oneOf), new ParameterDataSourceProvider())
{
    /// <summary>The category of what is not in the suite.</summary>
    public const string Exhaustive = "Exhaustive";

    private sealed class Strategy(int oneOf) : ICombiningStrategy
    {
        public IEnumerable<ITestCaseData> GetTestCases(IEnumerable[] sources)
        {
            int number = 0;
            foreach (var test in new CombinatorialStrategy().GetTestCases(sources))
            {
                if (number++ % oneOf != 0)
                    test.Properties.Add(PropertyNames.Category, Exhaustive);
                yield return test;
            }
        }
    }
}

/// <summary>Leaves one of so many cases of a source in the suite, as <see cref="SampledAttribute"/> does.</summary>
/// <param name="oneOf">The number of cases that one stands for.</param>
/// <param name="source">Where the cases are from, as TestCaseSource takes it.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampledSourceAttribute(int oneOf, string source) : NUnitAttribute, ITestBuilder, IImplyFixture
{
    /// <inheritdoc/>
    public IEnumerable<TestMethod> BuildFrom(IMethodInfo method, Test? suite)
    {
        int number = 0;
        foreach (var test in new TestCaseSourceAttribute(source).BuildFrom(method, suite))
        {
            if (number++ % oneOf != 0)
                test.Properties.Add(PropertyNames.Category, SampledAttribute.Exhaustive);
            yield return test;
        }
    }
}

/// <summary>How much is tested.</summary>
internal static class Thoroughness
{
    /// <summary>Whether exhaustive forms are run, too, and each command line alone: with `GAN_WHOLE_SUITE=1`.</summary>
    public static bool IsWhole { get; } = Environment.GetEnvironmentVariable("GAN_WHOLE_SUITE") == "1";

    /// <summary>How many times as much a test does that can do any amount: what `GAN_THOROUGH` says, otherwise 1.</summary>
    public static int Factor { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("GAN_THOROUGH"), out int factor) ? Math.Max(1, factor) : 1;
}

/// <summary>A case of a test that is not in the suite, for another case stands for it there.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ExhaustiveCaseAttribute : TestCaseAttribute
{
    /// <summary>Makes a case.</summary>
    /// <param name="arguments">The test's arguments.</param>
    public ExhaustiveCaseAttribute(params object?[]? arguments)
        : base(arguments) => Category = SampledAttribute.Exhaustive;
}
