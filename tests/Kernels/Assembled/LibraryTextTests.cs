using System.Reflection;
using System.Text.RegularExpressions;
using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What ILGPU writes for CUDA, before any driver or assembler sees it.</summary>
[TestFixture]
internal sealed partial class LibraryTextTests
{
    /// <summary>
    /// Nothing is left to a driver that changes bits: no sum or product that could be joined, nothing that approximates or flushes, and no
    /// function that nobody defines.
    /// </summary>
    [Test]
    public void NothingIsLeftToTheDriver([ValueSource(typeof(LibraryTexts), nameof(LibraryTexts.Architectures))] int architecture)
    {
        var lines = from text in LibraryTexts.Of(architecture)
                    from Match found in Loose().Matches(text.Value)
                    select $"{text.Key}: {found.Value}";
        Assert.That(lines.Distinct(), Is.Empty);
    }

    [TestCase("add.f32 %f1, %f2, %f3;")]
    [TestCase("sub.f32 %f1, %f2, %f3;")]
    [TestCase("mul.f32 %f1, %f2, %f3;")]
    [TestCase("mad.f32 %f1, %f2, %f3, %f4;")]
    [TestCase("fma.rn.ftz.f32 %f1, %f2, %f3, %f4;")]
    [TestCase("sqrt.approx.f32 %f1, %f2;")]
    [TestCase("div.full.f32 %f1, %f2, %f3;")]
    [TestCase(".extern .func (.param .f32 retval) FusedMultiplyAdd")]
    public void WhatIsLooseIsSeen(string line) => Assert.That(Loose().IsMatch(line), Is.True);

    [TestCase("add.rn.f32 %f1, %f2, %f3;")]
    [TestCase("fma.rn.f32 %f1, %f2, %f3, %f4;")]
    [TestCase("div.rn.f32 %f1, %f2, %f3;")]
    [TestCase("mul.lo.s32 %r1, %r2, %r3;")]
    public void WhatIsRoundedIsNot(string line) => Assert.That(Loose().IsMatch(line), Is.False);

    /// <summary>
    /// Sixteen bytes are read at once where rows are multiples of four numbers, and nowhere else: no other address need be one of sixteen.
    /// What is copied ahead is transposed on its way where it lies along k, number by number. The update decides for each operand.
    /// </summary>
    [Sampled(2)]
    public void FourNumbersAreReadAtOnceByFourOnly([ValueSource(typeof(LibraryTexts), nameof(LibraryTexts.Architectures))] int architecture)
    {
        var texts = LibraryTexts.Of(architecture);
        var wide = texts.Keys.Where(title => Wide().IsMatch(texts[title]) && !title.StartsWith("Update", StringComparison.Ordinal));
        Assert.That(wide, Is.EquivalentTo(texts.Keys.Where(title => Has(title, nameof(ByFour))
            && (!Has(title, nameof(CudaCopies)) || Has(title, nameof(AlongSide))))));

        static bool Has(string title, string part) => title.Contains(part, StringComparison.Ordinal);
    }

    [Test]
    public void EveryKernelIsListed()
    {
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        var there = from type in typeof(Elementwise).Assembly.GetTypes()
                    from method in type.GetMethods(Any)
                    where method.Name.EndsWith("Kernel", StringComparison.Ordinal)
                    select method.Name;
        Assert.That(LibraryKernels.All.Select(kernel => kernel.Method.Name).Distinct(), Is.EquivalentTo(there));
        var all = LibraryKernels.All.Select(kernel => kernel.Title);
        Assert.That(LibraryKernels.OfOdog.Select(kernel => kernel.Title), Is.Unique.And.SubsetOf(all));
    }

    [GeneratedRegex(@"ld\.global\.v4|cp\.async\.cg\.shared\.global \[\S+\], \[\S+\], 16")]
    private static partial Regex Wide();

    [GeneratedRegex(@"\b(add|sub|mul|mad)\.f32|\.extern|\.approx|\.ftz|div\.full")]
    private static partial Regex Loose();
}
