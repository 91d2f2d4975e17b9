using System.Text;
using System.Text.RegularExpressions;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What NVIDIA's assembler makes of the engine's programs: it takes all of them, and none needs more registers than there are.</summary>
[TestFixture]
internal sealed partial class AssembledProgramTests
{
    private const string Table = "registers.txt";
    private static readonly int[] Architectures = [70, 80, 90];

    [Test]
    public void EveryProgramFitsItsRegisters()
    {
        var results = Architectures.Select(architecture => Assembler.Assemble(GeneratedPrograms.All(TargetOf(architecture)), architecture)).ToArray();
        var wasteful = from result in results.Zip(Architectures)
                       from kernel in result.First
                       where kernel.Value.StackBytes + kernel.Value.SpilledBytes > 0
                       select $"sm_{result.Second} {kernel.Key}: {kernel.Value}";
        Assert.That(wasteful, Is.Empty);

        var table = new StringBuilder($"# ptxas {Assembler.Version}: registers on sm_{string.Join(", sm_", Architectures)}; bytes of shared memory\n");
        foreach (string title in results[0].Keys.Order(StringComparer.Ordinal))
        {
            string registers = string.Join(' ', results.Select(result => $"{result[title].Registers,3}"));
            table.Append($"{registers}  {results[0][title].SharedBytes,6}  {title}\n");
        }
        if (GoldenText.Updates || FirstLine(GoldenText.Read(Table)) == FirstLine($"{table}"))
            GoldenText.Check(Table, $"{table}");
    }

    /// <summary>A planted kernel with more in registers than a thread can have is one that spills.</summary>
    [Test]
    public void ASpillIsSeen()
    {
        string text = KernelCompiler.Text(((Action<Index1D, ArrayView<float>>)Spilling).Method, 1024, TargetOf(80));
        var result = Assembler.Assemble(new Dictionary<string, string> { ["Spilling"] = text }, 80)["Spilling"];
        Assert.That(result.SpilledBytes, Is.Positive);
    }

    /// <summary>
    /// The inner loop of a large product lies between two barriers: nearly all of it multiplies and adds, and it reads and writes 16 bytes at a time.
    /// </summary>
    [Test]
    public void TheLargeProductMultipliesMostOfItsTime([Values] bool transposeA, [Values] bool transposeB, [Values(80, 90)] int architecture)
    {
        string disassembler = ToolRequirement.Tool("nvdisasm");
        Type a = transposeA ? typeof(AlongSide) : typeof(AlongDepth), b = transposeB ? typeof(AlongDepth) : typeof(AlongSide);
        string ptx = KernelCompiler.Text(GeneratedPrograms.MatrixProduct(typeof(LargeTile), a, b, typeof(ByFour)), 256, TargetOf(architecture));
        using var folder = new TestFolder();
        string file = folder.File("product.ptx", Encoding.UTF8.GetBytes(ptx));
        var assembled = Processes.Run(ToolRequirement.Tool("ptxas"), $"-arch=sm_{architecture}", "-o", $"{file}.cubin", file);
        Assert.That(assembled.ExitCode, Is.Zero, assembled.Error);
        var disassembled = Processes.Run(disassembler, "-c", $"{file}.cubin");
        Assert.That(disassembled.ExitCode, Is.Zero, disassembled.Error);

        string[] all = [.. Instruction().Matches(disassembled.Output).Select(match => match.Groups[1].Value)];
        int last = Array.FindLastIndex(all, IsBarrier), first = Array.FindLastIndex(all, last - 1, IsBarrier);
        string[] loop = all[(first + 1)..last];
        int fused = loop.Count(name => name.StartsWith("FFMA", StringComparison.Ordinal));
        TestContext.Out.WriteLine($"{fused} of {loop.Length} instructions multiply and add");
        Assert.That(fused, Is.AtLeast(loop.Length * 3 / 4));
        Assert.That(fused, Is.EqualTo(8 * 8 * 8));
        Assert.That(loop.Count(name => Is128(name, "LDG")), Is.EqualTo(2), "a step's numbers of each operand, four at once");
        Assert.That(loop.Count(name => Is128(name, "LDS")), Is.EqualTo(8 * 4), "eight numbers of each operand for each k");
        Assert.That(all.Where(name => Is128(name, "STG")), Has.Exactly(16).Items, "the result, four at once");
        Assert.That(loop.Where(IsLocal), Is.Empty);

        static bool IsLocal(string name) => name.StartsWith("LDL", StringComparison.Ordinal) || name.StartsWith("STL", StringComparison.Ordinal);

        static bool IsBarrier(string name) => name.StartsWith("BAR.SYNC", StringComparison.Ordinal);

        static bool Is128(string name, string what) => name.StartsWith(what, StringComparison.Ordinal) && name.Contains(".128", StringComparison.Ordinal);
    }

    private static PtxTarget TargetOf(int architecture) => new(architecture switch { 70 => 60, 80 => 70, _ => 78 }, architecture);

    private static string FirstLine(string text) => text[..text.IndexOf('\n', StringComparison.Ordinal)];

    private static void Spilling(Index1D i, ArrayView<float> y)
    {
        var many = LocalMemory.Allocate<float>(120);
        for (int k = 0; k < 120; k++)
            many[k] = y[i + k];
        for (int round = 0; round < y[i]; round++)
        {
            for (int k = 0; k < 120; k++)
                many[k] += many[(k + 1) % 120] * many[(k + 7) % 120];
        }
        for (int k = 0; k < 120; k++)
            y[i + k] = many[k];
    }

    // "/*0a30*/                   FFMA R8, R12, R16, R8 ;", or behind a guard "@P0".
    [GeneratedRegex(@"^\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]+)", RegexOptions.Multiline)]
    private static partial Regex Instruction();
}
