using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A long training holds at its end what it held at its beginning.</summary>
public sealed class SoakTests
{
    private const long Mebibyte = 1 << 20;
    private const double Compiled = 120; // seconds after which the runtime has compiled again what is called often, and rarely

    private const int Late = 4; // handles of what is loaded when it is first used

    // GAN_THOROUGH=500 makes a million steps of it.
    [TestCase("--limit 3200 --batch 16 --samples 16", 2_000)]
    [ExhaustiveCase("--limit 8800 --batch 16", 2_000)]
    public void MemoryAndHandlesStayFlat(string options, int steps)
    {
        if (!MemoryLog.IsPossible)
            Assert.Ignore("memory and handles are read from Linux's /proc");
        steps *= Thoroughness.Factor;
        using var gan = new GanProgram();
        string log = gan["memory.csv"], hook = $"DOTNET_STARTUP_HOOKS={typeof(MemoryLog).Assembly.Location}";
        string training = $"train --recipe sdl --dataset digits {options} --steps {steps} --threads 1 --output run -q";
        using var process = gan.StartOf(["env", hook, $"{MemoryLog.Variable}={log}", "dotnet", GanProgram.Dll, .. training.Split(' ')]);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, error);

        var rows = MemoryLog.Read(log);
        TestContext.Out.WriteLine(string.Join('\n', rows.Where((_, i) => i % Math.Max(1, rows.Length / 40) == 0)));
        int begun = (int)(rows.Length * 1000L / steps); // with the first thousand
        Assert.That(IsFlat(rows[begun..], row => row.Live), Is.True, "live objects or handles");
        if (rows[^1].Seconds > 2 * Compiled)
            Assert.That(IsFlat([.. rows.Where(row => row.Seconds > Compiled)], row => row.Anonymous), Is.True, "anonymous memory");
    }

    [Test]
    public void AGrowthIsFound()
    {
        MemoryLog[] flat = [.. Enumerable.Range(0, 20).Select(i => new MemoryLog(i, 50 * Mebibyte, 90 * Mebibyte, 90))];
        Assert.That(IsFlat(flat, row => row.Live), Is.True);
        Assert.That(IsFlat([.. flat.Select((row, i) => row with { Live = row.Live + (i * Mebibyte / 8) })], row => row.Live), Is.False);
        Assert.That(IsFlat([.. flat.Select((row, i) => row with { Live = row.Live + (i < 9 ? 0 : Mebibyte) })], row => row.Live), Is.False);
        Assert.That(IsFlat([.. flat.Select((row, i) => row with { Handles = row.Handles + (i / 2) })], row => row.Live), Is.False);
    }

    // The least of a part, of two to forty, is what is held: a checkpoint in writing isn't.
    private static bool IsFlat(MemoryLog[] rows, Func<MemoryLog, long> bytes)
    {
        MemoryLog[][] parts = [.. rows.Chunk((rows.Length / Math.Clamp(rows.Length / 5, 2, 40)) + 1)];
        long[] held = [.. parts.Select(part => part.Min(bytes))];
        int[] handles = [.. parts.Select(part => part.Min(row => row.Handles))];
        return held.Max() < held.Min() + Mebibyte && handles.Max() <= handles.Min() + Late;
    }
}
