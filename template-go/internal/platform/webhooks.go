package platform

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Webhooks publishes events as signed requests (Standard Webhooks, standardwebhooks.com).
type Webhooks struct {
	config   *WebhookConfig
	outbound *Outbound
}

// NewWebhooks sends by the service's one client, which follows no redirect.
func NewWebhooks(config *WebhookConfig, outbound *Outbound) *Webhooks {
	return &Webhooks{config: config, outbound: outbound}
}

// Publish makes one attempt. The secret is the one of this moment, since its file may have changed.
func (p *Webhooks) Publish(ctx context.Context, destination *url.URL, delivery Delivery) error {
	key, err := signingKey(p.config.Secret.Value())
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodPost, destination.String(),
		bytes.NewReader(delivery.Body))
	if err != nil {
		return failed(limited, err)
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	request.Header.Set("Content-Type", jsonMediaType)
	request.Header.Set("User-Agent", p.outbound.agent)
	request.Header.Set("Webhook-Id", delivery.ID)
	request.Header.Set("Webhook-Timestamp", timestamp)
	request.Header.Set("Webhook-Signature", sign(key, delivery.ID, timestamp, delivery.Body))
	response, err := p.outbound.client.Do(request)
	if err != nil {
		return failed(limited, err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswerBytes)) // so that the connection can be used again
	if response.StatusCode < http.StatusOK || response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the receiver answered %d", response.StatusCode)
	}
	return nil
}

// sign is version 1 of the signature: HMAC-SHA256 over id, time and body, so that none of them can be changed or sent again
// later.
func sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
