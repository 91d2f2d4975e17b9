using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Terminal;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Output that nobody can read: closed, a full disk, a terminal that is gone, a console that lacks signs.</summary>
public sealed class OutputTests
{
    private const string Training = "--recipe sdl --dataset digits --limit 96 --batch 32 --samples 4 --threads 1";

    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp()
    {
        _gan = new GanProgram();
        ToolRequirement.Require(File.Exists("/bin/bash") && File.Exists("/dev/full"), "/bin/bash and /dev/full");
    }

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [TestCase(">/dev/full")]
    [ExhaustiveCase(">/dev/full 2>/dev/full")]
    [ExhaustiveCase(">&-")]
    [ExhaustiveCase("2>&-")]
    [ExhaustiveCase("<&- >&- 2>&-")]
    public void TrainingGoesOnWithoutItsWords(string redirection)
    {
        Assert.That(Bash($"{Training} --steps 3 --output run", redirection).ExitCode, Is.Zero);
        Assert.That(Bash("resume run --steps 6", redirection).ExitCode, Is.Zero);
        _gan.Done($"{Training} --steps 6 --output whole -q");
        RunFiles.Same(_gan["whole"], _gan["run"]);
    }

    // what is wrong with the command is told by the exit code alone
    [TestCase("--steps 0", ExitCode.Usage)]
    [TestCase("--data-dir nowhere", ExitCode.Data)]
    [TestCase("resume nowhere", ExitCode.Data)]
    public void UnheardErrorsKeepTheirCode(string arguments, ExitCode code)
    {
        Assert.That(Bash(arguments, "2>&-").ExitCode, Is.EqualTo((int)code));
        Assert.That(Bash(arguments, ">&- 2>/dev/full").ExitCode, Is.EqualTo((int)code));
    }

    [TestCase("recipes")]
    [TestCase("data")]
    [ExhaustiveCase("--help")]
    [ExhaustiveCase("version")]
    [ExhaustiveCase("runs .")]
    [ExhaustiveCase("train --dataset digits --dry-run")]
    public void WhereOutputIsTheProductItIsMissed(string arguments)
    {
        _gan.Done($"{Training} --steps 3 --output run -q");
        var full = Bash(arguments, ">/dev/full");
        Assert.That(full.ExitCode, Is.EqualTo((int)ExitCode.Writing), full.Error);
        GanProgram.Says(full, "Writing the output failed: the disk is full");
        var closed = Bash(arguments, ">&-");
        Assert.That(closed.ExitCode, Is.EqualTo((int)ExitCode.Writing), closed.Error);
        GanProgram.Says(closed, "Writing the output failed: standard output is closed");
        var enough = _gan.RunOf(["/bin/bash", "-c", $"dotnet '{GanProgram.Dll}' {arguments} | head -n 1; exit ${{PIPESTATUS[0]}}"]);
        Assert.That(enough.ExitCode, Is.Zero, enough.Error);
        Assert.That(enough.Error, Is.Empty);
    }

    [TestCase("sample run --output made.png", "made.png")]
    [ExhaustiveCase("export run --html", "run/generator.html")]
    [ExhaustiveCase("interpolate run --output walk.gif", "walk.gif")]
    public void WhereAFileIsTheProductItIsEnough(string arguments, string file)
    {
        _gan.Done($"{Training} --steps 3 --output run -q");
        var result = Bash(arguments, ">/dev/full");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(new FileInfo(_gan[file]).Length, Is.Positive);
    }

    // the runtime puts files of its own under the numbers of closed streams: one of them must not get the words
    [Test]
    public void NothingElseGetsTheWords()
    {
        Assert.That(Bash($"{Training} --steps 3 --output run", "<&- >&- 2>&-").ExitCode, Is.Zero);
        foreach (string file in Directory.EnumerateFiles(_gan["run"], "*", SearchOption.AllDirectories))
            Assert.That(File.ReadAllText(file), Does.Not.Contain("steps an epoch on"), file);
    }

    [TestCase("nohup", ExitCode.Done)]
    [ExhaustiveCase("plain", ExitCode.Interrupted)]
    public void ATerminalMayGo(string how, ExitCode code)
    {
        string python = ToolRequirement.Python();
        string script = Path.Combine(TestContext.CurrentContext.TestDirectory, "Gan", "Commands", "gone_terminal.py");
        string arguments = $"{Training} --epochs {(code == ExitCode.Done ? 700 : 100_000)} --output run";
        var result = _gan.RunOf([python, script, how, "dotnet", GanProgram.Dll, .. arguments.Split(' ')]);
        Assert.That(result.Output.Trim(), Is.EqualTo($"{(int)code}"), result.Error);
        Assert.That(Directory.EnumerateFiles(_gan["run", "checkpoints"]), Is.Not.Empty);
    }

    [Test]
    public void SignsThatAConsoleLacksAreSpelled()
    {
        Assert.That(Written(System.Text.Encoding.UTF8), Is.EqualTo("R1/2 · mean(‖D'‖²) → 0.5±0.1 ▁█\n"));
        Assert.That(Written(System.Text.Encoding.ASCII), Is.EqualTo("R1/2 * mean(||D'||^2) -> 0.5+-0.1 _#\n"));
        Assert.That(Written(System.Text.Encoding.Latin1), Is.EqualTo("R1/2 · mean(||D'||²) -> 0.5±0.1 _#\n"));
    }

    [Test]
    public void AWriterKeepsTheFirstCauseAndTriesAgain()
    {
        var target = new Failing();
        using var writer = new GuardedWriter(() => target, System.Text.Encoding.UTF8);
        writer.WriteLine("a");
        target.Fails = true;
        writer.WriteLine("b");
        Assert.That(writer.Fault, Is.InstanceOf<IOException>());
        target.Fails = false;
        writer.WriteLine("c");
        Assert.That(System.Text.Encoding.UTF8.GetString(target.ToArray()).ReplaceLineEndings(" "), Is.EqualTo("a c "));
    }

    private static string Written(System.Text.Encoding encoding)
    {
        using var target = new MemoryStream();
        using var writer = new GuardedWriter(() => target, encoding);
        writer.WriteLine("R1/2 · mean(‖D'‖²) → 0.5±0.1 ▁█");
        Assert.That(writer.Fault, Is.Null);
        return encoding.GetString(target.ToArray()).TrimStart('\uFEFF').ReplaceLineEndings("\n");
    }

    private ProcessResult Bash(string arguments, string redirection) =>
        _gan.RunOf(["/bin/bash", "-c", $"exec dotnet '{GanProgram.Dll}' {arguments} {redirection}"]);

    private sealed class Failing : MemoryStream
    {
        public bool Fails { get; set; }

        public override void Write(byte[] buffer, int offset, int count) // what takes a span calls it
        {
            if (Fails)
                throw new IOException("no room", 28);
            base.Write(buffer, offset, count);
        }
    }
}
