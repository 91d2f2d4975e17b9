using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

public sealed class DownloaderTests
{
    private static readonly byte[] PackedImages = FakeMnist.Gzip(FakeMnist.Images);
    private static readonly Dictionary<string, byte[]> Whole = new()
    {
        ["train-images-idx3-ubyte.gz"] = PackedImages,
        ["train-labels-idx1-ubyte.gz"] = FakeMnist.Gzip(FakeMnist.Labels),
    };

    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void FetchesWholeFilesAndReportsProgress()
    {
        using var server = LoopbackServer.Of(Whole);
        var heard = new Hearer();
        string target = Path.Combine(_folder.Path, "made", "on", "the", "way");
        Fetch(new Downloader([server.Address]), target, heard);
        Assert.That(Files(target), Is.EqualTo(new[] { "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz" }));
        var (images, warnings) = MnistFiles.Load(target, FakeMnist.Part);
        Assert.That(images.Pixels, Is.EqualTo(FakeMnist.Images[16..]));
        Assert.That(warnings, Is.Empty);
        var last = heard.All.Last(report => report.File == "train-images-idx3-ubyte.gz");
        Assert.That(last, Is.EqualTo(new DownloadProgress(last.File, PackedImages.Length, PackedImages.Length)));
    }

    [Test]
    public void FetchesOnlyWhatIsMissing()
    {
        using var server = LoopbackServer.Of(Whole);
        _folder.File("train-images.idx3-ubyte", FakeMnist.Images);
        Fetch(new Downloader([server.Address]));
        Assert.That(server.Requests, Is.EqualTo(1));
        Assert.That(Files(_folder.Path), Is.EqualTo(new[] { "train-images.idx3-ubyte", "train-labels-idx1-ubyte.gz" }));
    }

    [Test]
    public void AnotherMirrorMakesUpForABadOne([Values("refused", "missing", "cut", "other", "plain")] string fault)
    {
        using var bad = Bad(fault);
        using var good = LoopbackServer.Of(Whole);
        Fetch(new Downloader([bad?.Address ?? Refusing(), good.Address]));
        Assert.That(Files(_folder.Path), Is.EqualTo(new[] { "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz" }));
    }

    [TestCase("refused", "refused")]
    [TestCase("missing", "it answered 404")]
    [TestCase("cut", "the transfer was cut off")]
    [TestCase("cut without length", "isn't")]
    [TestCase("other", "isn't the published file")]
    [TestCase("plain", "isn't a whole gzip file")]
    [TestCase("endless", "more bytes arrived than the file has")]
    public void WithoutAGoodMirrorNothingIsLeft(string fault, string says)
    {
        using var bad = Bad(fault);
        var error = Assert.Throws<GanException>(() => Fetch(new Downloader([bad?.Address ?? Refusing()])))!;
        Assert.That(error.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(error.Message, Does.Contain("train-images-idx3-ubyte.gz can't be downloaded (127.0.0.1: ").And.Contain(says));
        Assert.That(Files(_folder.Path), Is.Empty);
    }

    [Test]
    public void AServerThatNeverAnswersCountsAsUnreachable()
    {
        using var mute = new LoopbackServer((_, _, end) => Task.Delay(Timeout.Infinite, end));
        var downloader = new Downloader([mute.Address, mute.Address], answerLimit: TimeSpan.FromSeconds(1.5));
        Assert.That(TimeOf(downloader, "nothing arrived within 1.5 seconds"), Is.InRange(1.3, 30));
        Assert.That(mute.Requests, Is.EqualTo(2));
    }

    [Test]
    public void ANetworkThatSwallowsPacketsIsGivenUpInFiveSecondsInAll()
    {
        var downloader = new Downloader { Connect = Swallow };
        Assert.That(TimeOf(downloader, "nothing arrived within 5 seconds"), Is.InRange(4.5, 9.5));
    }

    [Test]
    public void ALookUpThatBlocksIsGivenUpToo()
    {
        using var end = new ManualResetEventSlim();
        var downloader = new Downloader(answerLimit: TimeSpan.FromSeconds(1))
        {
            Connect = (_, _) => { end.Wait(20_000, CancellationToken.None); throw new IOException("late"); },
        };
        Assert.That(TimeOf(downloader, "nothing arrived within 1 seconds"), Is.InRange(0.8, 15));
        end.Set();
    }

    [Test]
    public void ASwallowedMirrorDoesNotStopTheNext()
    {
        using var good = LoopbackServer.Of(Whole);
        var limit = TimeSpan.FromMinutes(1); // so that a busy machine has time
        var downloader = new Downloader([new("http://swallowed.invalid/mnist/"), good.Address], limit) { Connect = SwallowInvalid };
        var watch = Stopwatch.StartNew();
        Fetch(downloader);
        Assert.That(Files(_folder.Path), Has.Length.EqualTo(2));
        Assert.That(watch.Elapsed, Is.LessThan(limit));
    }

    [Test]
    public void AStalledTransferIsGivenUp()
    {
        using var stalled = new LoopbackServer(SendThenWait(100));
        var downloader = new Downloader([stalled.Address], stallLimit: TimeSpan.FromSeconds(0.5));
        Assert.That(TimeOf(downloader, "nothing arrived for 0.5 seconds"), Is.InRange(0.4, 30));
        Assert.That(Files(_folder.Path), Is.Empty);
    }

    [Test]
    public void HeadersAloneAreNoAnswer([Values] bool hurried)
    {
        using var silent = new LoopbackServer(SendThenWait(0));
        var downloader = new Downloader([silent.Address, silent.Address], answerLimit: TimeSpan.FromSeconds(1.5));
        Assert.That(TimeOf(downloader, "nothing arrived within 1.5 seconds", hurried), Is.InRange(1.3, 30));
        Assert.That(silent.Requests, Is.EqualTo(2));
    }

    [Test]
    public void HeadersAloneDoNotStopTheNextMirror()
    {
        using var silent = new LoopbackServer(SendThenWait(0));
        using var good = LoopbackServer.Of(Whole);
        Fetch(new Downloader([silent.Address, good.Address]));
        Assert.That(Files(_folder.Path), Has.Length.EqualTo(2));
    }

    [Test]
    public void AStallSendsOnlyThosePatientToTheNextMirror([Values] bool hurried)
    {
        using var stalled = new LoopbackServer(SendThenWait(100));
        using var good = LoopbackServer.Of(Whole);
        var downloader = new Downloader([stalled.Address, good.Address], stallLimit: TimeSpan.FromSeconds(0.5));
        if (hurried)
            TimeOf(downloader, "nothing arrived for 0.5 seconds", hurried);
        else
            Fetch(downloader);
        Assert.That(Files(_folder.Path), Has.Length.EqualTo(hurried ? 0 : 2));
    }

    [Test]
    public void WhatAKilledDownloadLeftIsRemoved()
    {
        using var server = LoopbackServer.Of(Whole);
        _folder.File("train-images-idx3-ubyte.gz.0123.part", [1]);
        string inUse = _folder.File("train-labels-idx1-ubyte.gz.4567.part", [2]);
        _folder.File("of-someone-else.part", [3]);
        using (new FileStream(inUse, FileMode.Open, FileAccess.ReadWrite))
            Fetch(new Downloader([server.Address]));
        Assert.That(Files(_folder.Path), Is.EqualTo(new[]
        {
            "of-someone-else.part", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte.gz.4567.part",
        }));
    }

    [Test]
    public void CancellingEndsItAtOnceAndLeavesNothing([Values("connecting", "transfer")] string during)
    {
        using var stalled = new LoopbackServer(async (_, stream, end) =>
        {
            if (during == "transfer")
                await LoopbackServer.Send(stream, PackedImages, 100);
            await Task.Delay(Timeout.Infinite, end);
        });
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(0.3));
        var watch = Stopwatch.StartNew();
        Assert.That(() => Fetch(new Downloader([stalled.Address]), cancel: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(30));
        Assert.That(Files(_folder.Path), Is.Empty);
    }

    [Test]
    public void AFolderThatCannotBeMadeIsSaid()
    {
        using var server = LoopbackServer.Of(Whole);
        string inTheWay = _folder.File("file", [1]);
        var error = Assert.Throws<GanException>(() => Fetch(new Downloader([server.Address]), Path.Combine(inTheWay, "mnist")))!;
        Assert.That(error.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(error.Message, Does.Contain(inTheWay).And.Contain("XDG_CACHE_HOME"));
    }

    private static Func<string, NetworkStream, CancellationToken, Task> SendThenWait(int count) => async (_, stream, end) =>
    {
        await LoopbackServer.Send(stream, PackedImages, count);
        await Task.Delay(Timeout.Infinite, end);
    };

    private static LoopbackServer? Bad(string fault)
    {
        var half = PackedImages.Length / 2;
        return fault switch
        {
            "refused" => null,
            "missing" => LoopbackServer.Of([]),
            "cut" => new LoopbackServer((_, stream, _) => LoopbackServer.Send(stream, PackedImages, half)),
            "cut without length" => new LoopbackServer(async (_, stream, _) =>
            {
                await LoopbackServer.Write(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                await stream.WriteAsync(PackedImages.AsMemory(0, half));
            }),
            "other" => new LoopbackServer((_, stream, _) => LoopbackServer.Send(stream, FakeMnist.Gzip([1, 2, 3]))),
            "plain" => new LoopbackServer((_, stream, _) => LoopbackServer.Send(stream, "<html>Please log in</html>"u8.ToArray())),
            "endless" => new LoopbackServer((_, stream, _) => LoopbackServer.Send(stream, new byte[1 << 20])),
            _ => throw new ArgumentException(fault),
        };
    }

    private static Uri Refusing()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new Uri($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}/mnist/");
    }

    private static async ValueTask<Stream> Swallow(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        await Task.Delay(Timeout.Infinite, cancel);
        throw new UnreachableException();
    }

    private static async ValueTask<Stream> SwallowInvalid(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        if (context.DnsEndPoint.Host.EndsWith(".invalid", StringComparison.Ordinal))
            return await Swallow(context, cancel);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(context.DnsEndPoint, cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private double TimeOf(Downloader downloader, string says, bool hurried = false)
    {
        var watch = Stopwatch.StartNew();
        var error = Assert.Throws<GanException>(() => Fetch(downloader, hurried: hurried))!;
        double seconds = watch.Elapsed.TotalSeconds;
        Assert.That(error.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(error.Message, Does.Contain(says));
        return seconds;
    }

    private void Fetch(
        Downloader downloader, string? folder = null, Hearer? heard = null, bool hurried = false, CancellationToken cancel = default) =>
        downloader.FetchAsync(FakeMnist.Part.Files, folder ?? _folder.Path, heard, hurried, cancel).GetAwaiter().GetResult();

    private static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private sealed class Hearer : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public void Report(DownloadProgress value) => All.Add(value);
    }
}
