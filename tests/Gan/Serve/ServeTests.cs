using System.Net;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan serve` without a browser: what it gives, and to whom.</summary>
public sealed class ServeTests
{
    private const string Small = "--recipe sdl --dataset digits --limit 64 --batch 16 --samples 4 --sample-every 1 --checkpoint-every 1 -q";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [Test]
    public async Task ARunsNumbersAreThoseOfItsFiles()
    {
        _gan.Done($"train {Small} --epochs 5 --output runs/one");
        using var served = await ServedRuns.Start(_gan, "serve");
        using var client = new HttpClient { BaseAddress = served.Address };
        var run = JsonDocument.Parse(await client.GetStringAsync("api/runs/one")).RootElement;
        Assert.That(run.GetProperty("state").GetString(), Is.EqualTo("finished"));
        Assert.That(run.GetProperty("grids").GetArrayLength(), Is.EqualTo(6));
        Assert.That(run.GetProperty("score_bins").GetArrayLength(), Is.EqualTo(5));
        double[] losses = [.. run.GetProperty("steps").GetProperty("d_loss").EnumerateArray().Select(loss => loss.GetDouble())];
        string[][] rows = [.. File.ReadLines(_gan["runs", "one", "steps.csv"]).Skip(1).Select(line => line.Split(','))];
        Assert.That(losses, Is.EqualTo(rows.Select(row => double.Parse(row[1]))));
        double[] energy = [.. run.GetProperty("epochs").GetProperty("energy_distance").EnumerateArray().Select(value => value.GetDouble())];
        Assert.That(energy, Has.Length.EqualTo(5));
        foreach (var (name, file) in ((string, string)[])[("steps", "steps.csv"), ("epochs", "metrics.jsonl"), ("scores", "scores.jsonl")])
        {
            long length = new FileInfo(_gan["runs", "one", file]).Length;
            Assert.That(run.GetProperty("places").GetProperty(name).GetInt64(), Is.EqualTo(length), name);
        }
        byte[] grid = await client.GetByteArrayAsync("api/runs/one/samples/5");
        Assert.That(grid, Is.EqualTo(File.ReadAllBytes(_gan["runs", "one", "samples", "epoch-0005.png"])));
        _gan.Done("sample runs/one --count 4 --seed 9 --zoom 1 --output drawn.png");
        byte[] drawn = await client.GetByteArrayAsync("api/runs/one/pictures?seed=9&count=4");
        Assert.That(drawn, Is.EqualTo(File.ReadAllBytes(_gan["drawn.png"])), "as `gan sample` draws");
        Assert.That(served.End(), Is.Zero);
    }

    /// <summary>Names that lead out of the folder, machines and pages that aren't this one, kinds of request that aren't known.</summary>
    [Test]
    public async Task StrangersGetNothing()
    {
        _gan.Done($"train {Small} --epochs 1 --output runs/one");
        _gan.Put("secret.txt", [1]);
        using var served = await ServedRuns.Start(_gan, "serve runs");
        using var client = new HttpClient { BaseAddress = served.Address };
        int port = served.Address.Port;
        string[] nowhere =
        [
            "api/runs/..", "api/runs/%2e%2e", "api/runs/..%2fsecret.txt", "api/runs/one%2f..", "api/runs/two", "api/runs/one/samples/7",
            "api/runs/one/samples/..%2f..%2fsettings.json", "api/runs/one/samples/-1", "secret.txt", "page.html", "api/runs/ONE",
        ];
        foreach (string path in nowhere)
            await Answers(HttpStatusCode.NotFound, client, path);
        string[] others =
            ["evil.example", "evil.example:80", $"evil.example:{port}", $"127.0.0.1:{port + 1}", "127.0.0.1", $"10.0.0.1:{port}"];
        foreach (string host in others)
            await Answers(HttpStatusCode.Forbidden, client, "api/runs", ("Host", host));
        foreach (string host in (string[])[$"localhost:{port}", $"127.0.0.1:{port}"])
            await Answers(HttpStatusCode.OK, client, "api/runs", ("Host", host));
        await Answers(HttpStatusCode.Forbidden, client, "api/runs", ("Origin", "http://evil.example"));
        await Answers(HttpStatusCode.Forbidden, client, "api/runs", ("Origin", "null"));
        await Answers(HttpStatusCode.Forbidden, client, "api/runs", ("Sec-Fetch-Site", "cross-site"));
        await Answers(HttpStatusCode.Forbidden, client, "", ("Sec-Fetch-Site", "same-site"));
        await Answers(HttpStatusCode.OK, client, "api/runs", ("Origin", $"http://127.0.0.1:{port}"), ("Sec-Fetch-Site", "same-origin"));
        using var post = await client.PostAsync("api/runs", new StringContent("{}"));
        Assert.That(post.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        string[] odds = ["seed=x", "seed=-1", "count=100000000", "share=NaN", "share=7", "class=-3", "towards=1e99"];
        foreach (string odd in odds) // no picture of something else
        {
            using var answer = await client.GetAsync($"api/runs/one/pictures?{odd}");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity), odd);
            string[] parts = odd.Split('=');
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.StartWith($"{parts[0]}: '{parts[1]}' is not a number"));
        }
        await Answers(HttpStatusCode.OK, client, "api/runs/one/pictures"); // what isn't given has its default
        using var page = await client.GetAsync("");
        Assert.That(page.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("default-src 'none'"));

        static async Task Answers(HttpStatusCode code, HttpClient client, string path, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await client.SendAsync(request);
            string what = $"{path} {string.Join(", ", headers)}";
            Assert.That(answer.StatusCode, Is.EqualTo(code), what);
            if (code != HttpStatusCode.OK)
                Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.Empty, what);
        }
    }

    /// <summary>Where D judges pairs of points, each is shown it beside itself.</summary>
    [Test]
    public async Task MixturesOfPairsAreShown()
    {
        using var served = await ServedRuns.Start(_gan, "modes --set ring --layers 1 --width 16 --pack 2 --serve -q");
        using var client = new HttpClient { BaseAddress = served.Address };
        Assert.That((await client.PostAsync("api/modes/d", null)).StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        using var stream = new StreamReader(await client.GetStreamAsync("api/modes/events"));
        Assert.That(await stream.ReadLineAsync(), Is.EqualTo("event: state"));
        var state = JsonDocument.Parse((await stream.ReadLineAsync())!["data: ".Length..]).RootElement;
        Assert.That(state.GetProperty("heat").GetArrayLength(), Is.EqualTo(1600));
        Assert.That(state.GetProperty("slopes").EnumerateArray().Any(slope => slope.GetDouble() != 0));
        using var strange = new HttpRequestMessage(HttpMethod.Post, "api/modes/play");
        strange.Headers.Add("Origin", "http://evil.example");
        Assert.That((await client.SendAsync(strange)).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(served.End(), Is.Zero);
        _gan.Refused(ExitCode.Usage, "modes --serve", "--serve shows one set and one seed");
        _gan.Refused(ExitCode.Usage, "modes --set ring --threads 2 --serve", "one thread of the cpu");
        _gan.Refused(ExitCode.Usage, "modes --set stacked --serve", "samples are pictures");
        _gan.Refused(ExitCode.Usage, "modes --set ring --port 8080", "Give --serve, too");
    }

    [Test]
    public async Task WhatCannotBeServedIsSaid()
    {
        _gan.Refused(ExitCode.Data, "serve", "There is no run yet", "gan --serve");
        Directory.CreateDirectory(_gan["empty"]);
        _gan.Refused(ExitCode.Data, "serve empty", "There is no run in empty");
        _gan.Refused(ExitCode.Data, "serve nowhere", "nowhere can't be read: there is no such");
        _gan.Done($"train {Small} --epochs 1 --output run");
        _gan.Refused(ExitCode.Usage, "serve run --port 70000", "--port");
        _gan.Refused(ExitCode.Usage, "serve run --host example.org", "is no address");
        _gan.Refused(ExitCode.Usage, "serve run --host 192.0.2.1", "can't be listened on", "Name another one with --port");
        using var served = await ServedRuns.Start(_gan, "serve run");
        _gan.Refused(
            ExitCode.Usage, $"serve run --port {served.Address.Port}", $"Port {served.Address.Port} of 127.0.0.1 can't be listened on",
            "address already in use");
    }

    /// <summary>With --serve the page is there from the first step on, and a run that is asked about can be resumed all the same.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public async Task ATrainingServesItsOwnPage()
    {
        using var served = await ServedRuns.Start(_gan, $"train {Small[..^3]} --epochs 100000 --output run --serve");
        using var client = new HttpClient { BaseAddress = served.Address };
        var list = JsonDocument.Parse(await client.GetStringAsync("api/runs")).RootElement;
        Assert.That(list.GetProperty("is_run").GetBoolean(), Is.True);
        Assert.That(list.GetProperty("runs")[0].GetProperty("state").GetString(), Is.EqualTo("training"));
        Assert.That(served.End(), Is.EqualTo((int)ExitCode.Interrupted));

        using var resumed = await ServedRuns.Start(_gan, "resume run --serve");
        Assert.That(resumed.End(), Is.EqualTo((int)ExitCode.Interrupted));
        using var page = await ServedRuns.Start(_gan, "serve run");
        using var other = new HttpClient { BaseAddress = page.Address };
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await other.GetStringAsync("api/runs");
        });
        int steps = JsonDocument.Parse(await other.GetStringAsync("api/runs/run")).RootElement.GetProperty("step").GetInt32();
        for (int i = 1; i <= 5; i++)
            _gan.Done($"resume run --steps {steps + (40 * i)} -q");
        stop.Cancel();
        await asking;
    }
}
