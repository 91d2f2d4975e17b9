using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The same seed gives the same bits, for any number of threads and any width of vectors.</summary>
public class SameBitsTests
{
    private static readonly Lazy<string> OneThread = new(() => Workload.Hash(threads: 1));

    [Test]
    public void ForAnyNumberOfThreads([Values(2, 3, 5, 7)] int threads) => Assert.That(Workload.Hash(threads), Is.EqualTo(OneThread.Value));

    /// <summary>What the other tests compare is worth something only if it can differ.</summary>
    [Test]
    public void OtherNumbersHaveAnotherHash() => Assert.That(Workload.Hash(1, seed: 2), Is.Not.EqualTo(OneThread.Value));

    [Test]
    public void WithoutAvx512()
    {
        string[] lines = ChildProcess.Run(ChildProcess.HashWork, ("DOTNET_EnableAVX512", "0"));
        Assert.That(lines, Is.EqualTo(new[]
        {
            $"Vector512 False, Vector256 {Vector256.IsHardwareAccelerated}, FMA {InstructionSets.Fused}",
            OneThread.Value,
        }));
    }

    /// <summary>Without FMA a multiply-add rounds twice: other bits, which also shows that the hash sees a last digit.</summary>
    [Test]
    public void WithoutFmaTheBitsDiffer()
    {
        string[] lines = ChildProcess.Run(ChildProcess.HashWork, ("DOTNET_EnableAVX2", "0"));
        Assert.That(lines[0], Is.EqualTo($"Vector512 False, Vector256 False, FMA {AdvSimd.IsSupported}"));
        Assert.That(
            lines[1], InstructionSets.Fused && !AdvSimd.IsSupported ? Is.Not.EqualTo(OneThread.Value) : Is.EqualTo(OneThread.Value));
    }

    /// <summary>Whatever asks for an instruction has another way where there is none, as on processors of other makes.</summary>
    [Test]
    public void WithoutAnyInstructionOfItsOwn()
    {
        string[] none = ChildProcess.Run(ChildProcess.HashWork, ("DOTNET_EnableHWIntrinsic", "0"));
        Assert.That(none[0], Is.EqualTo("Vector512 False, Vector256 False, FMA False"));
        string[] unfused = ChildProcess.Run(ChildProcess.HashWork, ("DOTNET_EnableAVX2", "0"));
        Assert.That(
            none[1], AdvSimd.IsSupported ? Is.Not.EqualTo(unfused[1]) : Is.EqualTo(unfused[1]), "a multiply-add rounds twice in both");
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void KernelTestsPassWithoutAvx512() =>
        RunTests("DOTNET_EnableAVX512", vector256: Vector256.IsHardwareAccelerated, InstructionSets.Fused);

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void KernelTestsPassWithoutAvx2AndFma() => RunTests("DOTNET_EnableAVX2", vector256: false, AdvSimd.IsSupported);

    private static void RunTests(string switchedOff, bool vector256, bool fused)
    {
        string[] lines = ChildProcess.Run(ChildProcess.TestsWork, (switchedOff, "0"));
        Assert.That(lines[0], Is.EqualTo($"Vector512 False, Vector256 {vector256}, FMA {fused}"));
        Assert.That(lines[^1], Does.Match("^[1-9][0-9]{2,} passed, 0 failed$"));
        TestContext.Out.WriteLine(string.Join('\n', lines));
    }
}
