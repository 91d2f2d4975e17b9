using FsCheck;
using FsCheck.Fluent;
using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Category(InstructionSets.EveryWidth)]
[Quick]
public class PhiloxTests
{
    // Random123's kat_vectors, philox4x32 10: counter, key, result.
    [TestCase(new uint[] { 0, 0, 0, 0 }, 0UL, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [TestCase(
        new uint[] { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
        0xffffffff_ffffffffUL,
        new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [TestCase(
        new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
        0x299f31d0_a4093822UL,
        new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void KnownAnswers(uint[] counter, ulong key, uint[] answer)
    {
        Assert.That(Words(Philox.Scramble(key, counter[0], counter[1], counter[2], counter[3])), Is.EqualTo(answer));
    }

    [Test]
    public void TheCounterIsPositionThenStream()
    {
        var block = Philox.Block(0x299f31d0_a4093822, 0x13198a2e, 0x85a308d3_243f6a88);
        Assert.That(block, Is.EqualTo(Philox.Scramble(0x299f31d0_a4093822, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0)));
    }

    /// <summary>Positions within, at and over the carry from the counter's first word into its second.</summary>
    [TestCase(0UL)]
    [TestCase(0xffff_ffe0UL)]
    [TestCase(0xffff_ffeeUL)]
    [TestCase(0xffff_ffefUL)]
    [TestCase(0xffff_fff0UL)]
    [TestCase(0xffff_fff1UL)]
    [TestCase(0xffff_ffffUL)]
    [TestCase(0x1_0000_0000UL)]
    [TestCase(0x1234_5678_ffff_fff8UL)]
    public void SixteenBlocksAreSixteenTimesABlock(ulong position) => Check(0x0123456789abcdef, 7, position);

    [Test]
    public void SixteenBlocksAreSixteenTimesABlockAnywhere() => Prop.ForAll<ulong, uint, ulong>(Check).QuickCheckThrowOnFailure();

    private static unsafe void Check(ulong seed, uint stream, ulong position)
    {
        uint* words = stackalloc uint[64];
        Philox.SixteenBlocks(seed, stream, position, words);
        for (int i = 0; i < 16; i++)
        {
            uint[] block = Words(Philox.Block(seed, stream, position + (ulong)i));
            for (int w = 0; w < 4; w++)
                Assert.That(words[(16 * w) + i], Is.EqualTo(block[w]), $"word {w} of counter {position} + {i}");
        }
    }

    private static uint[] Words((uint First, uint Second, uint Third, uint Fourth) block) =>
        [block.First, block.Second, block.Third, block.Fourth];
}
