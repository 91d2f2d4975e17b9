using System.Reflection;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// What docs/kernels.md quotes is what is there today. A block of it that is checked stands beneath a marker, <c>&lt;!-- kind: of what
/// --&gt;</c>: a <c>source</c> is a piece of a file, and <c>opencl</c> and <c>ptx</c> are what ILGPU makes of a kernel. A line of three
/// dots stands for what was left out.
/// </summary>
[Quick]
public class DocsTests
{
    private static readonly Dictionary<string, (MethodInfo Method, int Threads)> Kernels = new()
    {
        ["MapKernel<LeakyRelu>"] = (KernelText.Kernel(typeof(Elementwise), "MapKernel", typeof(LeakyRelu)), 256),
    };

    private static string Root => Path.GetFullPath(Path.Combine(TestContext.CurrentContext.TestDirectory, "../../../../"));

    [Test]
    public void WhatThePageQuotesIsThere()
    {
        var blocks = Blocks(File.ReadAllLines(Path.Combine(Root, "docs", "kernels.md")));
        Assert.That(blocks.Select(block => block.Kind).Distinct(), Is.SupersetOf((string[])["source", "opencl", "ptx"]));
        Assert.Multiple(() =>
        {
            foreach (var (kind, what, quoted) in blocks)
            {
                string[] there = kind == "source"
                    ? File.ReadAllLines(Path.Combine(Root, what))
                    : Compiled(kind, what).TrimEnd('\n').Split('\n');
                if (kind != "source" && !quoted.Contains("..."))
                    Assert.That(quoted, Has.Length.EqualTo(there.Length), $"docs/kernels.md, {kind}: {what} is longer or shorter now");
                string now = string.Join('\n', there);
                Assert.That(Missing(quoted, there), Is.Null, $"docs/kernels.md, {kind}: {what} has no such lines now. It is\n\n{now}\n");
            }
        });
    }

    private static string Compiled(string kind, string what)
    {
        var (method, threads) = Kernels[what];
        return kind switch
        {
            "opencl" => KernelText.OpenCl(method, threads),
            "ptx" => KernelText.Ptx(method, threads, architecture: 80),
            _ => throw new ArgumentException($"docs/kernels.md: a block is '{kind}'"),
        };
    }

    /// <summary>Reads the blocks of a page that stand beneath a marker.</summary>
    internal static List<(string Kind, string What, string[] Lines)> Blocks(string[] page)
    {
        const string Marker = "<!-- ";
        var blocks = new List<(string, string, string[])>();
        for (int i = 0; i < page.Length; i++)
        {
            if (!page[i].StartsWith(Marker, StringComparison.Ordinal))
                continue;
            string[] parts = page[i][Marker.Length..^" -->".Length].Split(": ", 2);
            Assert.That(page[i + 1], Does.StartWith("```"), page[i]);
            int end = Array.IndexOf(page, "```", i + 2);
            blocks.Add((parts[0], parts[1], page[(i + 2)..end]));
        }
        return blocks;
    }

    /// <summary>
    /// The first piece of a quotation that isn't there, after the pieces before it and apart from its indentation, or null. A quotation
    /// without three dots is the whole of what the compiler gives.
    /// </summary>
    private static string? Missing(string[] quoted, string[] there)
    {
        int from = 0;
        foreach (string[] piece in Pieces(quoted))
        {
            var starts = Enumerable.Range(from, Math.Max(0, there.Length - piece.Length - from + 1));
            int at = starts.FirstOrDefault(start => IsAt(piece, there, start), -1);
            if (at < 0)
                return string.Join('\n', piece);
            from = at + piece.Length;
        }
        return null;
    }

    private static IEnumerable<string[]> Pieces(string[] quoted)
    {
        int from = 0;
        for (int i = 0; i <= quoted.Length; i++)
        {
            if (i < quoted.Length && quoted[i].Trim() != "...")
                continue;
            if (i > from)
                yield return quoted[from..i];
            from = i + 1;
        }
    }

    private static bool IsAt(string[] piece, string[] there, int start) =>
        piece.Select((line, i) => line.Trim() == there[start + i].Trim()).All(same => same);
}
