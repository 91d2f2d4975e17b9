using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GanFromScratch.Tests;

/// <summary>A small HTTP server on 127.0.0.1. Each request goes to `answer`, which writes the whole answer, or waits.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<string, NetworkStream, CancellationToken, Task> _answer;
    private int _requests;

    public LoopbackServer(Func<string, NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Accept();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/mnist/");

    public int Requests => _requests;

    /// <summary>Serves files by their names, and 404 for others.</summary>
    public static LoopbackServer Of(Dictionary<string, byte[]> files) => new((name, stream, _) =>
        files.TryGetValue(name, out var content)
            ? Send(stream, content)
            : Write(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));

    /// <summary>Sends a header for all of the content, and the first `count` bytes of it.</summary>
    public static async Task Send(NetworkStream stream, byte[] content, int count = int.MaxValue)
    {
        await Write(stream, $"HTTP/1.1 200 OK\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(content.AsMemory(0, Math.Min(count, content.Length)));
    }

    public static async Task Write(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    private async Task Accept()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = Serve(await _listener.AcceptTcpClientAsync(_end.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                string path = (await reader.ReadLineAsync(_end.Token))!.Split(' ')[1];
                while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 })
                {
                }
                Interlocked.Increment(ref _requests);
                await _answer(path[(path.LastIndexOf('/') + 1)..], stream, _end.Token);
            }
            catch (Exception fault) when (fault is IOException or OperationCanceledException)
            {
                // The downloader hung up, or the test is over.
            }
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
    }
}
