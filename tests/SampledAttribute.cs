using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace GanFromScratch.Tests;

/// <summary>
/// Leaves one of so many cases of a test in the suite, by the digest of its name, so that it is the same one everywhere. The others are
/// exhaustive: `.ci/run` runs them, which sets `GAN_WHOLE_SUITE=1`.
/// </summary>
/// <param name="oneOf">The number of cases that one stands for.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampledAttribute(int oneOf) : NUnitAttribute, IApplyToTest
{
    /// <summary>The category of what is not in the suite.</summary>
    public const string Exhaustive = "Exhaustive";

    /// <inheritdoc/>
    public void ApplyToTest(Test test)
    {
        if (!test.IsSuite && DigestOf(test.Name) % (uint)oneOf != 0)
            test.Properties.Add(PropertyNames.Category, Exhaustive);
    }

    // FNV-1a: a string's own hash is another one in each process
    private static uint DigestOf(string text)
    {
        const uint Basis = 2166136261, Prime = 16777619;
        return text.Aggregate(Basis, (digest, letter) => (digest ^ letter) * Prime);
    }
}
