using System.Security.Cryptography;
using System.Text.RegularExpressions;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Terminal;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Cuts the power at the calls that a run and its resumption made, as SQLite's tests do: strace records them, <see cref="CrashDisk"/> says
/// what may be on the disk then, and from each such state `gan resume` ends in the unbroken run's bytes.
/// </summary>
public sealed partial class PowerCutTests
{
    private const int Break = 12, End = 24; // steps, of three an epoch
    private const string Training =
        "train --recipe sdl --dataset digits --limit 96 --batch 32 --samples 4 --threads 1 --sample-every 3 --checkpoint-every 1 "
        + "--keep 2 -q";

    private GanProgram _gan = null!;
    private string _root = "";
    private DiskCall[] _calls = [];
    private (TextWriter Output, TextWriter Error) _console;

    [OneTimeSetUp]
    public void Record()
    {
        string strace = ToolRequirement.Tool("strace");
        _gan = new GanProgram();
        _root = Directory.CreateDirectory(_gan["disk"]).FullName;
        var logs = new List<DiskCall>();
        foreach (string arguments in (string[])[$"{Training} --steps {Break} --output disk/run", $"resume disk/run --steps {End} -q"])
        {
            string log = _gan["strace.log"];
            var result = _gan.RunOf(DiskCall.Recorded(strace, log, ["dotnet", GanProgram.Dll, .. arguments.Split(' ')]));
            Assert.That(result.ExitCode, Is.Zero, result.Error);
            logs.AddRange(DiskCall.Read(log, _root));
            File.Delete(log);
        }
        _calls = [.. logs];
        _gan.Done($"{Training} --steps {End} --output whole");
        _console = (Console.Out, Console.Error);
        StandardStreams.Guard(); // the program's first act, once in a process
        Restore();
    }

    [OneTimeTearDown]
    public void Remove() => _gan?.Dispose();

    [Test]
    public void AllCallsTogetherMakeTheFolder()
    {
        var disk = new CrashDisk(_root);
        foreach (var call in _calls)
            disk.Do(call);
        var state = disk.After(Surviving.All, new Random(0));
        Assert.That(state.Keys, Is.EqualTo(
            Directory.EnumerateFileSystemEntries(_root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_root, path))
                .Order(StringComparer.Ordinal)));
        foreach (var (name, bytes) in state.Where(entry => entry.Value is not null))
            Assert.That(File.ReadAllBytes(Path.Combine(_root, name)).AsSpan().SequenceEqual(bytes), Is.True, name);
    }

    [TestCase(10)]
    [ExhaustiveCase(150)]
    public void APowerCutLosesNoCheckpoint(int states)
    {
        states *= Thoroughness.Factor;
        var outcomes = Cut(_calls, states);
        TestContext.Out.WriteLine(string.Join(", ", outcomes.GroupBy(outcome => outcome).Select(group => $"{group.Count()} {group.Key}")));
        Assert.That(outcomes, Has.Count.GreaterThanOrEqualTo(states * 2 / 3));
        Assert.That(outcomes, Has.All.EqualTo(Outcome.Same).Or.EqualTo(Outcome.BeforeTheFirstCheckpoint));
        Assert.That(outcomes.Count(outcome => outcome == Outcome.Same), Is.GreaterThan(outcomes.Count / 2));
    }

    // what the test is worth: without the flush of one checkpoint before it gets its name, states are found in which it is damaged
    [Test]
    public void ALostFlushIsFound()
    {
        string name = $".step-{Break:00000000}.safetensors.tmp";
        int flush = Array.FindIndex(
            _calls, call => call.Kind == DiskCallKind.Flush && call.Path.EndsWith(name, StringComparison.Ordinal));
        var outcomes = Cut([.. _calls[..flush], .. _calls[(flush + 1)..(flush + 6)]], 12, after: flush);
        Assert.That(outcomes, Has.Some.EqualTo(Outcome.TheOneBefore));
        Assert.That(outcomes, Has.None.EqualTo(Outcome.Lost));
    }

    // at calls evenly over all, in each way
    private List<Outcome> Cut(DiskCall[] calls, int states, int after = 0)
    {
        var disk = new CrashDisk(_root);
        var random = new Random(20261129);
        var seen = new HashSet<string>();
        var outcomes = new List<Outcome>();
        const int Distinct = 2; // of a call's states, those that are not the ones of the call before
        double every = (calls.Length - after) * (double)Distinct / states, next = after;
        // where more states are asked for than there are calls, more of each call's random ones
        Surviving[] ways = [.. Enum.GetValues<Surviving>(), .. Enumerable.Repeat(Surviving.Some, (int)(2 / every))];
        every = Math.Max(1, every);
        bool hasCheckpoint = false;
        for (int i = 0; i < calls.Length; i++)
        {
            disk.Do(calls[i]);
            // its name is sure with its folder's flush
            hasCheckpoint |= calls[i].Kind == DiskCallKind.Flush && calls[i].Path.EndsWith("/checkpoints", StringComparison.Ordinal);
            if (i < next)
                continue;
            next += every;
            foreach (var way in ways)
            {
                var state = disk.After(way, random);
                if (seen.Add(DigestOf(state)))
                    outcomes.Add(Resume(state, hasCheckpoint, $"call {i} of {calls.Length}, {calls[i].Kind} {calls[i].Path}, {way}"));
            }
        }
        return outcomes;
    }

    private Outcome Resume(SortedDictionary<string, byte[]?> state, bool hasCheckpoint, string where)
    {
        string disk = _gan["cut"];
        if (Directory.Exists(disk))
            Directory.Delete(disk, recursive: true);
        Directory.CreateDirectory(disk);
        foreach (var (name, bytes) in state)
        {
            if (bytes is null)
                Directory.CreateDirectory(Path.Combine(disk, name));
            else
                File.WriteAllBytes(Path.Combine(disk, name), bytes);
        }
        string run = Path.Combine(disk, "run");
        var (code, said) = Run("resume", run, "--steps", $"{End}", "-q");
        if (code == ExitCode.Done)
        {
            RunFiles.Same(_gan["whole"], run);
            return Outcome.Same;
        }
        Assert.That(code, Is.EqualTo(ExitCode.Data).Or.EqualTo(ExitCode.Usage), $"{where}: {said}");
        Assert.That(said.TrimEnd(), Does.EndWith(".").And.Not.Contain("\n   at ").And.Not.Contain("Exception"), where);
        if (!hasCheckpoint)
            return Outcome.BeforeTheFirstCheckpoint;
        var advice = Advice().Match(said);
        if (!advice.Success)
        {
            TestContext.Out.WriteLine($"{where}: {said}");
            return Outcome.Lost;
        }
        (code, said) = Run("resume", run, "--from", advice.Groups[1].Value, "--steps", $"{End}", "-q");
        Assert.That(code, Is.EqualTo(ExitCode.Done), said);
        RunFiles.Same(_gan["whole"], run);
        return Outcome.TheOneBefore;
    }

    // in this process, which is ten times as fast
    private (ExitCode Code, string Said) Run(params string[] arguments)
    {
        using var said = new StringWriter();
        Console.SetOut(said);
        Console.SetError(said);
        try
        {
            return ((ExitCode)Gan.Commands.GanProgram.Run(arguments), said.ToString());
        }
        finally
        {
            Restore();
        }
    }

    private void Restore()
    {
        Console.SetOut(_console.Output);
        Console.SetError(_console.Error);
    }

    private static string DigestOf(SortedDictionary<string, byte[]?> state)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, bytes) in state)
        {
            sum.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name}\n{bytes?.Length}\n"));
            sum.AppendData(bytes ?? []);
        }
        return Convert.ToHexString(sum.GetHashAndReset());
    }

    [GeneratedRegex("--from ([^ `]+)` resumes from the one before it")]
    private static partial Regex Advice();

    private enum Outcome
    {
        Same,
        TheOneBefore,
        BeforeTheFirstCheckpoint,
        Lost,
    }
}
