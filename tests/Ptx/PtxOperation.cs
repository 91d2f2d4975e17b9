using System.Collections.Frozen;

namespace GanFromScratch.Tests;

/// <summary>What an instruction computes. Words of 32 bits stand in the lower half, the upper being zero; a predicate is 0 or 1.</summary>
internal delegate ulong PtxFunction(ulong a, ulong b, ulong c);

/// <summary>An instruction that does nothing but compute a register from others.</summary>
/// <param name="Name">The instruction with its qualifiers: "mul.wide.s32".</param>
/// <param name="Result">The type of what it gives.</param>
/// <param name="Sources">The types of what it takes: one to three.</param>
/// <param name="Run">What it computes.</param>
internal sealed record PtxOperation(string Name, PtxType Result, IReadOnlyList<PtxType> Sources, PtxFunction Run)
{
    /// <summary>All of them by their names.</summary>
    public static FrozenDictionary<string, PtxOperation> All { get; } =
        ((PtxOperation[])[.. PtxIntegers.Rows(), .. PtxFloats.Rows(), .. PtxComparisons.Rows(), .. PtxConversions.Rows()])
        .ToFrozenDictionary(row => row.Name);

    /// <summary>Rows of a table: operations of several names that compute the same bits.</summary>
    public static IEnumerable<PtxOperation> Named(string names, int sources, PtxFunction run) =>
        names.Split(' ').Select(name => Typed(name, sources, run));

    // All operands have the name's last type, but for these.
    private static PtxOperation Typed(string name, int sources, PtxFunction run)
    {
        string[] words = name.Split('.');
        var type = PtxTypes.Named(words[^1]) ?? throw new ArgumentException(name);
        bool wide = words[1] == "wide";
        var result = words[0] switch
        {
            "setp" => PtxType.Pred,
            "cvt" => PtxTypes.Named(words[^2]) ?? throw new ArgumentException(name),
            _ => wide ? type.Wide : type,
        };
        var types = Enumerable.Range(0, sources).Select(source => (words[0], source) switch
        {
            ("shl" or "shr", 1) => PtxType.U32,
            ("selp", 2) => PtxType.Pred,
            ("mad", 2) => result,
            _ => type,
        });
        return new PtxOperation(name, result, [.. types], run);
    }
}
