using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace GanFromScratch.Tests;

/// <summary>
/// Leaves one of so many cases of a test in the suite, the first among them. The others are exhaustive: `.ci/run` runs them, which sets
/// `GAN_WHOLE_SUITE=1`.
/// </summary>
/// <param name="oneOf">The number of cases that one stands for.</param>
/// <param name="source">Where the cases are from, as TestCaseSource takes it; null: all combinations of the parameters' values.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampledAttribute(int oneOf, string? source = null) : NUnitAttribute, ITestBuilder, IImplyFixture
{
    /// <summary>The category of what is not in the suite.</summary>
    public const string Exhaustive = "Exhaustive";

    /// <inheritdoc/>
    public IEnumerable<TestMethod> BuildFrom(IMethodInfo method, Test? suite)
    {
        ITestBuilder builder = source is null ? new CombinatorialAttribute() : new TestCaseSourceAttribute(source);
        int number = 0;
        foreach (var test in builder.BuildFrom(method, suite))
        {
            if (number++ % oneOf != 0)
                test.Properties.Add(PropertyNames.Category, Exhaustive);
            yield return test;
        }
    }
}

/// <summary>How many times as much a test does that can do any amount: what `GAN_THOROUGH` says, otherwise 1.</summary>
internal static class Thoroughness
{
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
