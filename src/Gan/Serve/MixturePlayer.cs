using System.Diagnostics;
using System.Threading.Channels;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GanFromScratch.Gan.Serve;

/// <summary>Plays the training of a mixture on a thread of its own, as pages ask for it, and shows it to them.</summary>
internal sealed class MixturePlayer : IDisposable
{
    /// <summary>The files of its page.</summary>
    public static readonly IReadOnlyDictionary<string, string> Pages = new Dictionary<string, string>
    {
        ["/"] = "modes.html",
        ["/page.css"] = "page.css",
        ["/common.js"] = "common.js",
        ["/modes.js"] = "modes.js",
    };

    private static readonly TimeSpan BetweenPictures = TimeSpan.FromMilliseconds(100);
    private readonly Func<LiveMixture> _begin;
    private readonly Channel<string> _commands = Channel.CreateBounded<string>(64);
    private readonly Thread _thread;
    private readonly CancellationTokenSource _end = new();
    private readonly string _setting;
    private volatile Picture _newest = new(0, "");
    private volatile bool _isPlaying;

    /// <summary>Starts it, paused.</summary>
    /// <param name="begin">Makes new networks.</param>
    public MixturePlayer(Func<LiveMixture> begin)
    {
        _begin = begin;
        var first = begin();
        _setting = JsonText.Of(first.WriteSetting);
        _thread = new Thread(() => Play(first)) { IsBackground = true, Name = "mixture" };
        _thread.Start();
    }

    /// <summary>Adds what a page gets and asks for.</summary>
    public void Map(WebApplication application)
    {
        application.MapGet("/api/modes", (HttpContext context) => PageServer.Write(context, "application/json", _setting));
        application.MapGet("/api/modes/events", Follow);
        foreach (string command in (string[])["play", "pause", "d", "g", "restart"])
        {
            application.MapPost($"/api/modes/{command}", (HttpContext context) =>
            {
                context.Response.StatusCode = _commands.Writer.TryWrite(command)
                    ? StatusCodes.Status204NoContent
                    : StatusCodes.Status429TooManyRequests;
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _thread.Join();
        _end.Dispose();
    }

    private void Play(LiveMixture mixture)
    {
        try
        {
            Show(mixture);
            long shown = Stopwatch.GetTimestamp();
            while (!_end.IsCancellationRequested)
            {
                while (_commands.Reader.TryRead(out string? command))
                    Obey(command, ref mixture);
                if (!_isPlaying)
                {
                    _commands.Reader.WaitToReadAsync(_end.Token).AsTask().GetAwaiter().GetResult();
                    continue;
                }
                mixture.Take(StepPart.Whole);
                _isPlaying = mixture.Step < mixture.TotalSteps;
                if (_isPlaying && Stopwatch.GetElapsedTime(shown) < BetweenPictures)
                    continue;
                Show(mixture);
                shown = Stopwatch.GetTimestamp();
            }
        }
        catch (OperationCanceledException)
        {
            // the end that was asked for
        }
        catch (Exception fault)
        {
            _newest = new(_newest.Number + 1, JsonText.Of(json => json.WriteString("fault", fault.Message)));
        }
        finally
        {
            mixture.Dispose();
        }
    }

    private void Obey(string command, ref LiveMixture mixture)
    {
        _isPlaying = command == "play" && mixture.Step < mixture.TotalSteps;
        if (command == "restart")
        {
            mixture.Dispose();
            mixture = _begin();
        }
        else if (command is "d" or "g")
        {
            mixture.Take(command == "d" ? StepPart.Discriminator : StepPart.Generator);
        }
        Show(mixture);
    }

    private void Show(LiveMixture mixture) => _newest = new(_newest.Number + 1, JsonText.Of(json =>
    {
        json.WriteBoolean("is_playing", _isPlaying);
        mixture.WriteState(json);
    }));

    private async Task Follow(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        long sent = 0;
        try
        {
            while (true)
            {
                if (_newest is { } newest && newest.Number != sent)
                {
                    await context.Response.WriteAsync($"event: state\ndata: {newest.State}\n\n", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    sent = newest.Number;
                }
                await Task.Delay(BetweenPictures / 2, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // the page was closed
        }
    }

    private sealed record Picture(long Number, string State);
}
