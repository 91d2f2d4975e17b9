using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>NVIDIA's assembler takes what the interpreter takes, and refuses what it refuses.</summary>
public class PtxAssemblerTests
{
    // what PTX does not allow
    private static readonly string[] Wrong =
    [
        "mov.u32 %f1, %r1;",
        "add.f32 %f1, 1, %f1;",
        "add.s32 %r2, %r1, %rd1;",
        "add.s32 %r2, %f1, 1;",
        "ld.global.u32 %f1, [%rd1];",
        "ld.global.u64 %r2, [%rd1];",
        "setp.lt.s32 %r2, %r1, 1;",
        "selp.b32 %r2, %r1, %r1, %r1;",
        "div.f33 %f1, %f1, %f1;",
        "sqrt.f32 %f1, %f1;",
        "fma.f32 %f1, %f1, %f1, %f1;",
        "cvt.f32.s32 %f1, %r1;",
        "cvt.s32.f32 %r2, %f1;",
        "cvt.u32.u64 %rd2, %r1;",
        "mul.s32 %r2, %r1, %r1;",
        "shr.f32 %f1, %f1, 1;",
        "and.s32 %r2, %r1, 1;",
        "mov.u32 %r2, %r9;",
        "bra Nowhere;",
        "add.s32 %r2, %r1;",
        "ld.param.u64 %rd2, [y];",
        "atom.global.add.b32 %r2, [%rd1], 1;",
        "atom.local.add.u32 %r2, [%rd1], 1;",
        "st.global.v4.f32 [%rd1], {%f1, %f1, %f1};",
        "shfl.sync.across.b32 %r2, %r1, 1, 0x1f, 0xffffffff;",
        "mov.b64 %rd2, %r1;",
    ];

    [TestCase(70)]
    [TestCase(80)]
    [TestCase(90)]
    public void AssemblesEveryProgramOfTheTests(int architecture)
    {
        var kernels = PtxPrograms.Written.Concat(PtxFaultTests.Kernels()).Concat(PtxOperation.All.Values.Select(PtxPrograms.Around));
        string text = PtxPrograms.Head + string.Join("\n", kernels);
        Assert.That(PtxReader.Read(text).Kernels, Has.Count.GreaterThan(150));
        var result = Assemble(text, architecture);
        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
    }

    [TestCaseSource(nameof(Wrong))]
    public void IsRefusedByBoth(string instruction)
    {
        string text = PtxPrograms.Head + PtxPrograms.Small("Wrong", "mov.f32 %f1, 0f3F800000;\n" + instruction);
        int line = 1 + text.Split('\n').TakeWhile(l => l.Trim() != instruction).Count();
        var refusal = Assert.Throws<PtxTextException>(() => PtxReader.Read(text));
        Assert.That(refusal!.Line, Is.EqualTo(line), refusal.Message);
        var result = Assemble(text, 70);
        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Output + result.Error, Does.Contain($"line {line}").Or.Contain("Nowhere"));
    }

    private static ProcessResult Assemble(string text, int architecture)
    {
        string assembler = ToolRequirement.Tool("ptxas");
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".ptx");
        try
        {
            File.WriteAllText(file, text);
            return Processes.Run(assembler, $"-arch=sm_{architecture}", "-o", "/dev/null", file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
