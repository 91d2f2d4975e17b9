using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GanFromScratch.Gan.Serve;

/// <summary>
/// What a page gets of runs: a list, the numbers of one, its grids, pictures of its generator, and what is new, as it comes. All of it is
/// read from the runs' files, whoever writes them.
/// </summary>
internal sealed class RunEndpoints : IDisposable
{
    /// <summary>The files of their page.</summary>
    public static readonly IReadOnlyDictionary<string, string> Pages = new Dictionary<string, string>
    {
        ["/"] = "page.html",
        ["/page.css"] = "page.css",
        ["/page.js"] = "page.js",
        ["/common.js"] = "common.js",
        ["/charts.js"] = "charts.js",
    };

    private const int MostRead = 200;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    private readonly GeneratorPanel _panel;
    private readonly ConcurrentDictionary<string, (long At, string State)> _states = new(); // for all pages together
    private readonly Dictionary<(string Run, bool IsWhole), (string Stamp, string Json)> _read = [];

    /// <summary>Makes them.</summary>
    /// <param name="book">The known recipes.</param>
    public RunEndpoints(RecipeBook book) => _panel = new GeneratorPanel(book);

    /// <summary>A run, or a folder of runs; null: there is none yet.</summary>
    public string? Folder { get; set; }

    /// <summary>Adds them to a server.</summary>
    public void Map(WebApplication application)
    {
        application.MapGet("/api/runs", (HttpContext context) => Answer(context, () => Json(context, WriteList)));
        Map("", (context, run) => PageServer.Write(context, "application/json", Read(run, isWhole: true)));
        Map("/classes", (context, run) => Json(context, json => WriteClasses(json, run)));
        Map("/events", Follow);
        Map("/pictures", Draw);
        application.MapGet("/api/runs/{name}/samples/{epoch:int:min(0)}", (HttpContext context, string name, int epoch) =>
            OfRun(context, name, run => Sample(context, run, epoch)));

        void Map(string what, Func<HttpContext, string, Task> answer) => application.MapGet(
            "/api/runs/{name}" + what, (HttpContext context, string name) => OfRun(context, name, run => answer(context, run)));
    }

    /// <summary>Returns the generators' memory.</summary>
    public void Dispose() => _panel.Dispose();

    private static Task Json(HttpContext context, Action<Utf8JsonWriter> write) =>
        PageServer.Write(context, "application/json", JsonText.Of(write));

    // a name is one of the list, and nothing else: no path is made of what was asked for
    private Task OfRun(HttpContext context, string name, Func<string, Task> answer) => Answer(context, () =>
    {
        string? run = Find().FirstOrDefault(run => RunReport.NameOf(run) == name);
        if (run is not null)
            return answer(run);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    // runs may be removed while they are read
    private static async Task Answer(HttpContext context, Func<Task> answer)
    {
        try
        {
            await answer();
        }
        catch (Exception fault) when (fault is GanException or IOException or UnauthorizedAccessException && !context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            await PageServer.Write(context, "text/plain", fault.Message);
        }
        catch (OperationCanceledException)
        {
            // the page was closed
        }
    }

    private IReadOnlyList<string> Find() => Folder is null ? [] : RunReport.Find(Folder);

    private void WriteList(Utf8JsonWriter json)
    {
        json.WriteBoolean("is_run", Folder is not null && RunReport.IsRun(Folder));
        json.WriteStartArray("runs");
        foreach (string run in Find())
        {
            try
            {
                json.WriteRawValue(Read(run, isWhole: false));
            }
            catch (GanException fault)
            {
                json.WriteStartObject();
                json.WriteString("name", RunReport.NameOf(run));
                json.WriteString("fault", fault.Message);
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
    }

    // a run is read once, however many pages ask for it, until a file of it changes
    private string Read(string run, bool isWhole)
    {
        lock (_read)
        {
            string stamp = $"{RunData.StampOf(run)} {StateOf(run)}";
            if (_read.TryGetValue((run, isWhole), out var known) && known.Stamp == stamp)
                return known.Json;
            var data = new RunData(run);
            string json = JsonText.Of(isWhole ? data.Write : data.WriteSummary);
            if (_read.Count >= MostRead)
                _read.Clear();
            _read[(run, isWhole)] = (stamp, json);
            return json;
        }
    }

    private string StateOf(string run)
    {
        if (_states.TryGetValue(run, out var known) && Stopwatch.GetElapsedTime(known.At) < BetweenLooks / 2)
            return known.State;
        string state = JsonText.Of(json => RunData.WriteState(json, run));
        _states[run] = (Stopwatch.GetTimestamp(), state);
        return state;
    }

    private void WriteClasses(Utf8JsonWriter json, string run)
    {
        json.WriteStartArray("classes");
        foreach (string name in _panel.ClassesOf(run))
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static async Task Sample(HttpContext context, string run, int epoch)
    {
        string file = Path.Combine(run, RunFolder.Sample(epoch));
        if (!File.Exists(file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        context.Response.ContentType = "image/png";
        await context.Response.Body.WriteAsync(await File.ReadAllBytesAsync(file, context.RequestAborted), context.RequestAborted);
    }

    private async Task Draw(HttpContext context, string run)
    {
        const int MostPictures = 100;
        ulong seed = Number("seed", 0UL, 0UL, ulong.MaxValue);
        byte[] png = _panel.Draw(
            run, seed, Number("towards", seed, 0UL, ulong.MaxValue), Number("share", 0.0, 0.0, 1.0), Label("class"), Label("to"),
            Number("count", 1, 1, MostPictures), context.RequestAborted);
        context.Response.ContentType = "image/png";
        await context.Response.Body.WriteAsync(png, context.RequestAborted);

        // what isn't understood must not become a picture of something else
        T Number<T>(string name, T otherwise, T least, T most)
            where T : struct, INumber<T>
        {
            string? text = context.Request.Query[name];
            if (string.IsNullOrEmpty(text))
                return otherwise;
            bool isNumber = T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
            return isNumber && number >= least && number <= most ? number : throw new GanException(
                ExitCode.Usage, $"{name}: '{text}' is not a number from {least} to {most}.");
        }

        int? Label(string name) => Number(name, -1, 0, int.MaxValue) is >= 0 and var label ? label : null;
    }

    /// <summary>
    /// Sends what comes, as server-sent events: `steps` (lines of steps.csv), `epoch` and `scores` (lines of their files), `diagnoses`,
    /// `state`, and `again` where files became shorter.
    /// </summary>
    private async Task Follow(HttpContext context, string run)
    {
        var stop = context.RequestAborted;
        context.Response.ContentType = "text/event-stream";
        (string Name, LineTail Tail)[] tails =
        [
            ("steps", new(RunFolder.StepsOf(run), At("steps"))), ("epoch", new(RunFolder.MetricsOf(run), At("epochs"))),
            ("scores", new(RunFolder.ScoresOf(run), At("scores"))),
        ];
        string state = "";
        while (true)
        {
            foreach (var (name, tail) in tails)
            {
                if (tail.Read() is not { } lines)
                {
                    await Send("again", "");
                    return;
                }
                if (name == "steps" && lines.Length > 0)
                    await Send(name, string.Join(';', lines));
                foreach (string line in name == "steps" ? [] : lines)
                    await Send(name, line);
                if (name == "epoch" && lines.Length > 0)
                    await Send("diagnoses", JsonText.Of(json => RunData.WriteDiagnoses(json, lines[^1])));
            }
            string now = StateOf(run);
            if (now != state)
                await Send("state", state = now);
            await context.Response.Body.FlushAsync(stop);
            await Task.Delay(BetweenLooks, stop);
        }

        Task Send(string name, string data) => context.Response.WriteAsync($"event: {name}\ndata: {data}\n\n", stop);

        long At(string name) =>
            long.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out long at) ? at : 0;
    }
}
