using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using GanFromScratch.Kernels;
using ILGPU;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// What NVIDIA's assembler makes of the library's kernels: registers as in `tests/Golden/registers.txt`, few where a formula is new,
/// nothing in local memory, and a matrix product whose loop multiplies and adds. After a change that is meant,
/// `GAN_WHOLE_SUITE=1 GAN_UPDATE_GOLDEN=1` has the file written, and the diff is reviewed.
/// </summary>
[TestFixture]
internal sealed class AssembledKernelTests
{
    private const string Table = "registers.txt", Update = "GAN_WHOLE_SUITE=1 GAN_UPDATE_GOLDEN=1";
    private const int Moves = 32; // of what the loop begins with; where fragments are put together from wider reads there are some hundred

    private readonly Dictionary<(string Title, int Architecture), Assembled> _kernels = [];
    private TestFolder? _folder;

    private static ParallelOptions AtOnce => new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    [OneTimeSetUp]
    public void Assemble()
    {
        string tool = ToolRequirement.Tool("ptxas");
        _folder = new TestFolder();
        var texts = from architecture in LibraryTexts.Architectures
                    from text in LibraryTexts.Of(architecture)
                    select (Title: text.Key, Architecture: architecture, Text: text.Value);
        Parallel.ForEach(texts.Select((text, i) => (text, i)).ToArray(), AtOnce, item =>
        {
            var ((title, architecture, text), i) = item;
            var assembled = Ptxas.Assemble(tool, text, architecture, Path.Combine(_folder.Path, $"{i}.ptx"));
            lock (_kernels)
                _kernels.Add((title, architecture), assembled);
        });
    }

    [OneTimeTearDown]
    public void Clean() => _folder?.Dispose();

    [Test]
    public void NothingLiesInLocalMemory()
    {
        var wasteful = from kernel in _kernels
                       where kernel.Value.StackBytes + kernel.Value.SpilledBytes > 0
                       select $"{kernel.Key}: {kernel.Value.StackBytes} bytes of stack, {kernel.Value.SpilledBytes} spilled";
        Assert.That(wasteful, Is.Empty);
    }

    [Test]
    public void RegistersAreThoseOfTheTable()
    {
        string assembler = $"# ptxas {Ptxas.Version()}: ", heading = $"{assembler}registers on sm_";
        string[] now =
        [
            .. from title in _kernels.Keys.Select(key => key.Title).Distinct().Order(StringComparer.Ordinal)
               let registers = LibraryTexts.Architectures.Select(architecture => $"{_kernels[(title, architecture)].Registers,3}")
               select $"{string.Join(' ', registers)}  {title}",
        ];
        if (Environment.GetEnvironmentVariable("GAN_UPDATE_GOLDEN") == "1")
        {
            if (!Thoroughness.IsWhole)
                Assert.Ignore($"the table has every architecture: {Update}");
            File.WriteAllLines(SourceOfTable(), [heading + string.Join(", sm_", LibraryTexts.Architectures), .. now]);
            return;
        }
        string[] table = File.ReadAllLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", Table));
        ToolRequirement.Require(
            table[0].StartsWith(assembler, StringComparison.Ordinal), $"the assembler of tests/Golden/{Table}, which begins '{table[0]}',");
        int[] columns = [.. table[0][heading.Length..].Split(", sm_").Select(int.Parse)];
        Assert.That(columns[..LibraryTexts.Architectures.Length], Is.EqualTo(LibraryTexts.Architectures));
        int shown = Width(LibraryTexts.Architectures), all = Width(columns);
        string[] reviewed = [.. table[1..].Select(row => row[..shown] + row[all..])];
        string advice = $"tests/Golden/{Table} differs; where that is meant, run with {Update} and review the diff";
        Assert.That(now.Except(reviewed).Where(row => !IsOfANewFormula(row, reviewed)), Is.Empty, advice);
        Assert.That(reviewed.Except(now), Is.Empty, advice);
    }

    [TestCase(" 20  32  MapKernel<Gelu>", true)]
    [TestCase(" 20  33  MapKernel<Gelu>", false, Description = "more than a full multiprocessor has")]
    [TestCase(" 20  20  MapKernel<Tanh>", false, Description = "it has a row, and another number there")]
    [TestCase(" 20  20  SumRowsKernel", false, Description = "no formula")]
    public void ANewFormulaNeedsNoRow(string row, bool needsNone) =>
        Assert.That(IsOfANewFormula(row, [" 17  16  MapKernel<Tanh>"]), Is.EqualTo(needsNone));

    /// <summary>An array of a thread's own, read at places that no compiler knows, is seen.</summary>
    [Test]
    public void ALocalArrayIsSeen()
    {
        string text = KernelText.Ptx(((Action<Index1D, ArrayView<float>>)Planted).Method, 256, 80);
        var assembled = Ptxas.Assemble(ToolRequirement.Tool("ptxas"), text, 80, Path.Combine(_folder!.Path, "planted.ptx"));
        Assert.That(assembled.StackBytes, Is.Positive);
    }

    /// <summary>
    /// Most of what stands between the last two barriers, which is the loop over the blocks of k and what is computed before it, multiplies
    /// and adds; the rest mostly reads shared memory. Each operand's numbers come four at once.
    /// </summary>
    [TestCase(typeof(LargeTile), 86)]
    [TestCase(typeof(MiddleTile), 78)]
    [ExhaustiveCase(typeof(SmallTile), 72)]
    [ExhaustiveCase(typeof(FineTile<ThirtyTwo>), 54)]
    [ExhaustiveCase(typeof(FineTile<Sixteen>), 50)]
    public void ProductsMultiplyMostOfTheirTime(Type tile, int percent) => Assert.Multiple(() =>
    {
        foreach (var (title, code) in Products(tile, nameof(ByFour)))
        {
            string[] loop = Loop(code);
            int fused = loop.Count(name => name.StartsWith("FFMA", StringComparison.Ordinal));
            double share = 100.0 * fused / loop.Length;
            TestContext.Out.WriteLine($"{share:f1} % of {loop.Length} instructions, {code.Registers} registers: {title}");
            Assert.That(fused, Is.EqualTo(FusedOf(tile)), title);
            Assert.That(share, Is.AtLeast(percent), $"{title}: {fused} of {loop.Length}");
            int reads = tile == typeof(SmallTile) || tile == typeof(FineTile<Sixteen>) ? 4 : 2;
            Assert.That(loop.Where(name => Reads(name, wide: true)), Has.Exactly(reads).Items, title);
            Assert.That(code.Instructions.Where(name => Reads(name, wide: false)), Is.Empty, title);
        }
    });

    /// <summary>Gathering takes little of a convolution's loop, and reads four numbers at once.</summary>
    [TestCase(typeof(MiddleTile), 68)]
    [TestCase(typeof(SmallTile), 63)]
    [TestCase(typeof(FineTile<ThirtyTwo>), 46)]
    public void ConvolutionsMultiplyMostOfTheirTime(Type tile, int percent) => Assert.Multiple(() =>
    {
        foreach (var (title, code) in Disassembled(LibraryKernels.ConvolutionsByFour(tile)))
        {
            string[] loop = Loop(code);
            int fused = loop.Count(name => name.StartsWith("FFMA", StringComparison.Ordinal));
            double share = 100.0 * fused / loop.Length;
            TestContext.Out.WriteLine($"{share:f1} % of {loop.Length} instructions, {code.Registers} registers: {title}");
            Assert.That(fused, Is.EqualTo(FusedOf(tile)), title);
            Assert.That(share, Is.AtLeast(percent), $"{title}: {fused} of {loop.Length}");
            Assert.That(loop.Where(name => Reads(name, wide: true)), Has.Exactly(tile == typeof(SmallTile) ? 4 : 2).Items, title);
            Assert.That(loop.Where(name => Reads(name, wide: false)), Is.Empty, title);
        }
    });

    /// <summary>
    /// The loop over blocks that are copied ahead does no less of its time, and reads no operand but by copies; those that lie along k are
    /// copied one by one, the others four at once.
    /// </summary>
    [TestCase(typeof(MiddleTile), 75)]
    [ExhaustiveCase(typeof(FineTile<ThirtyTwo>), 50)]
    [ExhaustiveCase(typeof(FineTile<Sixteen>), 46)]
    public void ProductsWithCopiesMultiplyAsMuch(Type tile, int percent) => Assert.Multiple(() =>
    {
        foreach (var (title, code) in Products(tile, nameof(ByFour), LibraryKernels.AheadProducts))
        {
            string[] loop = AheadLoop(code);
            int fused = loop.Count(name => name.StartsWith("FFMA", StringComparison.Ordinal));
            double share = 100.0 * fused / loop.Length;
            TestContext.Out.WriteLine($"{share:f1} % of {loop.Length} instructions, {code.Registers} registers: {title}");
            Assert.That(fused, Is.EqualTo(FusedOf(tile)), title);
            Assert.That(share, Is.AtLeast(percent), $"{title}: {fused} of {loop.Length}");
            Assert.That(loop.Where(name => Reads(name, wide: true) || Reads(name, wide: false)), Is.Empty, title);
            string[] copies = [.. loop.Where(name => name.StartsWith("LDGSTS", StringComparison.Ordinal))];
            int reads = tile == typeof(FineTile<Sixteen>) ? 2 : 1, wide = Regex.Count(title, $@"\b{nameof(AlongSide)}\b");
            Assert.That(copies.Count(name => name.Contains(".128", StringComparison.Ordinal)), Is.EqualTo(reads * wide), title);
            Assert.That(copies, Has.Exactly(reads * (wide + (4 * (2 - wide)))).Items, title);
        }
    });

    /// <summary>
    /// Every block of k is multiplied by tensor cores, in TF32, and nothing but them. Of the other instructions few move registers: the
    /// fragments lie in shared memory as an instruction takes them.
    /// </summary>
    [TestCase(typeof(LargeTf32Tile<TensorCores>), 32)]
    [ExhaustiveCase(typeof(MiddleTf32Tile<TensorCores>), 16)]
    [ExhaustiveCase(typeof(FineTf32Tile<TensorCores>), 4)]
    public void FastProductsMultiplyOnTensorCores(Type tile, int products) => Assert.Multiple(() =>
    {
        foreach (string width in (string[])[nameof(ByFour), nameof(OneByOne)])
        {
            foreach (var (title, code) in Products(tile, width, LibraryKernels.Tf32Products))
            {
                string[] loop = Loop(code);
                TestContext.Out.WriteLine($"{products} of {loop.Length} instructions, {code.Registers} registers: {title}");
                Assert.That(loop.Count(name => name == "HMMA.1688.F32.TF32"), Is.EqualTo(products), title);
                Assert.That(loop.Where(name => name.StartsWith("FFMA", StringComparison.Ordinal)), Is.Empty, title);
                Assert.That(loop.Count(name => name is "MOV" or "IMAD.MOV.U32"), Is.LessThanOrEqualTo(Moves), title);
                Assert.That(loop.Any(name => Reads(name, wide: width == nameof(OneByOne))), Is.False, title);
            }
        }
    });

    [Test]
    public void OneByOneNothingIsReadFourAtOnce([ValueSource(typeof(LibraryKernels), nameof(LibraryKernels.Tiles))] Type tile) =>
        Assert.Multiple(() =>
    {
        foreach (var (title, code) in Products(tile, nameof(OneByOne)))
        {
            Assert.That(code.Instructions.Where(name => Reads(name, wide: true)), Is.Empty, title);
            Assert.That(Loop(code).Count(name => name.StartsWith("FFMA", StringComparison.Ordinal)), Is.EqualTo(FusedOf(tile)), title);
        }
    });

    /// <summary>
    /// Whether a kernel is that of a formula without a row, so that an op needs none here, and leaves a multiprocessor full: 2,048 threads
    /// share 65,536 registers.
    /// </summary>
    private static bool IsOfANewFormula(string row, string[] reviewed)
    {
        string[] parts = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string title = parts[^1];
        return title.StartsWith("Map", StringComparison.Ordinal)
            && !reviewed.Any(known => known.EndsWith($" {title}", StringComparison.Ordinal))
            && parts[..^1].All(registers => int.Parse(registers, CultureInfo.InvariantCulture) <= 65_536 / 2_048);
    }

    private (string Title, Assembled Code)[] Products(Type tile, string width, IEnumerable<LibraryKernel>? among = null) => Disassembled(
        (among ?? LibraryKernels.Products)
            .Where(product => product.Method.GetGenericArguments() is [.., var t, _, _, var w, _] && t == tile && w.Name == width));

    private (string Title, Assembled Code)[] Disassembled(IEnumerable<LibraryKernel> among)
    {
        string tool = ToolRequirement.Tool("nvdisasm");
        var products = from product in among
                       from architecture in LibraryTexts.Architectures
                       select ($"{product.Title} on sm_{architecture}", Code: _kernels[(product.Title, architecture)]);
        var all = products.ToArray();
        Parallel.ForEach(all, AtOnce, product => product.Code.Disassemble(tool));
        return all;
    }

    /// <summary>Characters that a row's registers take, of so many architectures.</summary>
    private static int Width(int[] architectures) => (4 * architectures.Length) - 1;

    /// <summary>Multiply-adds of a thread in a block of k.</summary>
    private static int FusedOf(Type tile) =>
        tile == typeof(LargeTile) ? Fused<LargeTile>()
        : tile == typeof(MiddleTile) ? Fused<MiddleTile>()
        : tile == typeof(SmallTile) ? Fused<SmallTile>()
        : tile == typeof(FineTile<Sixteen>) ? Fused<FineTile<Sixteen>>()
        : Fused<FineTile<ThirtyTwo>>();

    private static int Fused<T>()
        where T : struct, ITile<T> => T.Side * T.Side * T.Depth / T.Threads;

    /// <summary>Returns what stands between the last two barriers; what a product does after its last whole block has none.</summary>
    private static string[] Loop(Assembled code)
    {
        string[] all = [.. code.Instructions];
        int last = Array.FindLastIndex(all, IsBarrier), first = Array.FindLastIndex(all, last - 1, IsBarrier);
        Assert.That(first, Is.Not.Negative, "two barriers");
        return all[(first + 1)..last];
    }

    /// <summary>Returns what stands between the barrier before the last one and the branch back to it.</summary>
    private static string[] AheadLoop(Assembled code)
    {
        string[] all = [.. code.Instructions];
        int last = Array.FindLastIndex(all, IsBarrier), first = Array.FindLastIndex(all, last - 1, IsBarrier);
        Assert.That(first, Is.Not.Negative, "two barriers");
        int end = Array.FindIndex(all, first, name => name == "BRA" || name.StartsWith("CALL", StringComparison.Ordinal));
        return all[first..end];
    }

    private static bool IsBarrier(string name) => name.StartsWith("BAR.SYNC", StringComparison.Ordinal);

    /// <summary>Whether an instruction reads global memory, sixteen bytes or fewer.</summary>
    private static bool Reads(string name, bool wide) =>
        name.StartsWith("LDG.", StringComparison.Ordinal) && name.Contains(".128", StringComparison.Ordinal) == wide;

    private static void Planted(Index1D i, ArrayView<float> y)
    {
        var many = LocalMemory.Allocate<float>(120);
        for (int k = 0; k < 120; k++)
            many[k] = y[i + k];
        for (int k = 0; k < 120; k++)
            y[i + k] = many[(int)many[k]];
    }

    private static string SourceOfTable([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "Golden", Table);
}
