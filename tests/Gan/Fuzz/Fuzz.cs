using System.Diagnostics;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Hands a reader ten thousand files with mistakes. It may read a file or refuse it in a plain sentence; anything else, a hang, or memory
/// out of proportion fails, and the message names the seed that makes the file again.
/// </summary>
internal static class Fuzz
{
    private const int Files = 10_000;
    private const long MostBytes = 64 << 20;
    private const int LongestMessage = 2_000;
    private const int MostFlaws = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6); // some thirty times what the slowest reader takes

    /// <summary>Reads the whole file, and then its mutations.</summary>
    /// <param name="whole">A file that can be read.</param>
    /// <param name="read">Reads a file.</param>
    /// <param name="seal">
    /// Makes of a changed content a file whose outside is right: packs it, or puts its checksums right. Every other file goes through it,
    /// so that mistakes get past the checks that stop most of them.
    /// </param>
    public static void Run(byte[] whole, Action<byte[]> read, Func<byte[], byte[]>? seal = null) =>
        Run(whole, seal is null ? null : whole, read, seal);

    /// <summary>The same for a format whose content is another one than the file.</summary>
    public static void Run(byte[] whole, byte[]? content, Action<byte[]> read, Func<byte[], byte[]>? seal)
    {
        read(whole);
        if (seal is not null)
            read(seal(content!));
        ulong seed = 0;
        int refused = 0;
        var flaws = new List<string>();
        var clock = Stopwatch.StartNew();
        var work = Task.Run(() =>
        {
            for (; seed < Files && flaws.Count < MostFlaws; seed++)
            {
                byte[] file = seal is not null && seed % 2 == 1 ? seal(Mutations.Of(content!, seed)) : Mutations.Of(whole, seed);
                if (FlawOf(file, read, ref refused) is { } flaw)
                    flaws.Add($"seed {seed}, a file of {file.Length} bytes: {flaw}");
            }
        });
        bool ended = Task.WaitAny([work], Limit) == 0;
        Assert.That(ended, Is.True, $"seed {seed} is still being read after {Limit}");
        Assert.That(flaws, Is.Empty);
        work.GetAwaiter().GetResult();
        TestContext.Out.WriteLine($"{Files - refused:N0} of {Files:N0} read, {refused:N0} refused, in {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.That(refused, Is.GreaterThan(Files / 10), "mistakes were noticed");
    }

    private static string? FlawOf(byte[] file, Action<byte[]> read, ref int refused)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string? flaw = null;
        try
        {
            read(file);
        }
        catch (GanException fault)
        {
            refused++;
            flaw = FlawOf(fault);
        }
        catch (Exception fault)
        {
            flaw = fault.ToString();
        }
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return bytes < MostBytes ? flaw : $"{bytes} bytes were allocated";
    }

    /// <summary>What is wrong with an error that a user is to read, or null.</summary>
    private static string? FlawOf(GanException fault)
    {
        string text = fault.Message;
        string? flaw = fault.Code is not (ExitCode.Data or ExitCode.Usage or ExitCode.Device) ? $"it ends with the code {fault.Code}"
            : text.Length > LongestMessage ? $"it has {text.Length} characters"
            : text.Any(c => char.IsControl(c) && c != '\n') ? "it has control characters"
            : !text.EndsWith('.') || text.EndsWith("..", StringComparison.Ordinal) ? "it doesn't end as a sentence does"
            : text.Contains("Exception", StringComparison.Ordinal) || text.Contains("System.", StringComparison.Ordinal)
                ? "it speaks of .NET"
            : null;
        return flaw is null ? null : $"{flaw}: {text}";
    }
}
